//! Chains of approval for tests of the engine, whose bodies are asked of every dossier.

/// The desk that receives.
macro_rules! receive {
    () => {
        r#"
[receive]
at = "foreign_affairs"
role = "clerk"
title_vi = "Tiếp nhận"
title_en = "Receive"
"#
    };
}

/// The first step.
macro_rules! appraise {
    () => {
        r#"
[[step]]
kind = "appraise"
at = "foreign_affairs"
role = "appraiser"
quorum = 1
clock = { n = 3, unit = "wd" }
title_vi = "Thẩm định"
title_en = "Appraisal"
"#
    };
}

/// The last step, at this stage.
macro_rules! approve {
    ($stage:literal) => {
        concat!(
            "\n[[step]]\nstage = ",
            $stage,
            r#"
kind = "approve"
at = "city_office"
role = "approver"
quorum = 1
clock = { n = 2, unit = "wd" }
forward_to = "city"
title_vi = "Phê duyệt"
title_en = "Approval"
"#
        )
    };
}

/// The desk that issues.
macro_rules! issue {
    () => {
        r#"
[issue]
at = "foreign_affairs"
role = "clerk"
clock = { n = 1, unit = "wd" }
title_vi = "Ban hành"
title_en = "Issue"
"#
    };
}

/// Appraised, then the police (binding, recorded by the clerk) and the ministry (recorded by the appraiser) are asked
/// at the same time, then approved at the office; the city's Chairman stands above.
pub const ASKING: &str = concat!(
    receive!(),
    r#"
[[body]]
code = "city_police"
name_vi = "Công an thành phố"
name_en = "City Police"

[[body]]
code = "mofa"
name_vi = "Bộ Ngoại giao"
name_en = "Ministry of Foreign Affairs"
"#,
    appraise!(),
    r#"
[[step]]
kind = "consult"
stage = 2
body = "city_police"
binding = true
at = "foreign_affairs"
role = "clerk"
quorum = 1
clock = { n = 5, unit = "wd" }
title_vi = "Hỏi ý kiến Công an"
title_en = "Opinion of the police"

[[step]]
kind = "consult"
stage = 2
body = "mofa"
at = "foreign_affairs"
role = "appraiser"
quorum = 1
clock = { n = 48, unit = "h" }
title_vi = "Hỏi ý kiến Bộ Ngoại giao"
title_en = "Opinion of the ministry"
"#,
    approve!(3),
    issue!()
);

/// Appraised, then two leaders of the office in parallel steps: one with a quorum of two.
pub const TWO_LEADERS: &str = concat!(
    receive!(),
    appraise!(),
    r#"
[[step]]
kind = "approve"
stage = 2
at = "city_office"
role = "approver"
quorum = 2
title_vi = "Phê duyệt"
title_en = "Approval"

[[step]]
kind = "agree"
stage = 2
at = "city"
role = "approver"
quorum = 1
title_vi = "Thống nhất"
title_en = "Agreement"
"#,
    issue!()
);

/// Appraisal and approval, whoever comes and wherever they go: no body is asked.
pub const PLAIN: &str = concat!(receive!(), appraise!(), approve!(2), issue!());
