//! The two shapes of a mail: plain text and HTML, which escapes whatever is put in. Owns the layout; the
//! words come from `config/locales`.

use askama::Template;

/// One line of facts.
pub(super) struct Fact {
    pub label: String,
    pub value: String,
}

/// One duty or alert of a digest.
pub(super) struct Line {
    pub code: String,
    pub organisation: String,
    pub matter: String,
    pub when: String,
    pub link: String,
}

/// The plain-text part.
#[derive(Template)]
#[template(
    ext = "txt",
    source = "\
{{ words.greeting }}

{{ words.lead }}
{% for fact in words.facts %}
{{ fact.label }}: {{ fact.value }}
{%- endfor %}
{%- for line in words.lines %}
- {{ line.when }}: {{ line.matter }} [{{ line.code }}, {{ line.organisation }}]
  {{ line.link }}
{%- endfor %}

{{ words.action }}:
{{ words.link }}

-- 
{{ words.footer }}
"
)]
pub(super) struct PlainText<'a> {
    pub words: &'a Words,
}

/// The HTML part: no pictures, no script, nothing loaded from elsewhere.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!DOCTYPE html>
<html lang="{{ words.lang }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ words.subject }}</title>
</head>
<body style="margin:0;padding:24px;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;color:#1b1b1b;background:#ffffff">
<div style="max-width:600px;margin:0 auto">
<p>{{ words.greeting }}</p>
<p>{{ words.lead }}</p>
{% if !words.facts.is_empty() -%}
<table role="presentation" style="border-collapse:collapse;margin:16px 0">
{% for fact in words.facts -%}
<tr><th scope="row" style="padding:4px 16px 4px 0;text-align:left;font-weight:normal;color:#555555">{{ fact.label }}</th><td style="padding:4px 0"><strong>{{ fact.value }}</strong></td></tr>
{% endfor -%}
</table>
{% endif -%}
{% if !words.lines.is_empty() -%}
<ul style="margin:16px 0;padding-left:20px">
{% for line in words.lines -%}
<li style="padding:4px 0">{{ line.when }}: <strong>{{ line.matter }}</strong> [<a href="{{ line.link }}">{{ line.code }}</a>, {{ line.organisation }}]</li>
{% endfor -%}
</ul>
{% endif -%}
<p><a href="{{ words.link }}" style="display:inline-block;padding:10px 18px;background:#0b5cad;color:#ffffff;text-decoration:none;border-radius:4px">{{ words.action }}</a></p>
<p style="font-size:14px;color:#555555;word-break:break-all">{{ words.link }}</p>
<hr style="border:0;border-top:1px solid #cccccc">
<p style="font-size:14px;color:#555555">{{ words.footer }}</p>
</div>
</body>
</html>
"#
)]
pub(super) struct Html<'a> {
    pub words: &'a Words,
}

/// What is said, in the reader's language.
pub(super) struct Words {
    pub lang: &'static str,
    pub subject: String,
    pub greeting: String,
    pub lead: String,
    pub facts: Vec<Fact>,
    pub lines: Vec<Line>,
    pub action: String,
    pub link: String,
    pub footer: String,
}
