//! Delegations and deadlines as a calendar that other programs read (iCalendar, RFC 5545): whole days, nobody's time is taken.
//! It writes what it is given, and it is given neither titles nor names.

use chrono::{DateTime, Days, NaiveDate, Utc};
use icalendar::{Calendar, Class, Component, Event, EventLike, EventStatus, Property};

/// One delegation, or one deadline.
#[derive(Debug, Clone)]
pub struct DayEvent {
    /// What stays the same whatever happens to it (RFC 5545 section 3.8.4.7).
    pub uid: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// What is read.
    pub summary: String,
    /// Where more of it is read, by whoever signs in.
    pub url: Option<String>,
    /// Whether it is certain, or still hangs on somebody's word.
    pub certain: bool,
    /// When it last changed.
    pub changed_at: DateTime<Utc>,
}

/// Writes a calendar under a name: lines end in CR LF and are folded at 75 octets.
#[must_use]
pub fn calendar(name: &str, events: &[DayEvent]) -> String {
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", "-//Legation//Calendar//VI"))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("X-WR-CALNAME", name))
        .append_property(Property::new("X-PUBLISHED-TTL", "PT6H"));
    for one in events {
        let mut event = Event::new();
        // The end is the first day that is no more of it (RFC 5545 section 3.6.1).
        let after = one.to.checked_add_days(Days::new(1)).unwrap_or(one.to);
        event
            .uid(&one.uid)
            .timestamp(one.changed_at)
            .last_modified(one.changed_at)
            .status(if one.certain { EventStatus::Confirmed } else { EventStatus::Tentative })
            .starts(one.from)
            .ends(after)
            .summary(&one.summary)
            .class(Class::Private)
            .add_property("TRANSP", "TRANSPARENT");
        if let Some(url) = &one.url {
            event.url(url);
        }
        calendar.push(event.done());
    }
    calendar.to_string()
}

#[cfg(test)]
mod tests {
    use calcard::Entry;
    use calcard::icalendar::{ICalendarComponentType, ICalendarProperty};

    use super::*;

    #[test]
    fn somebody_elses_parser_reads_the_same_days() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let event = |uid: &str, from: &str, to: &str, summary: &str| DayEvent {
            uid: uid.to_owned(),
            from: day(from),
            to: day(to),
            summary: summary.to_owned(),
            url: uid.starts_with('a').then(|| format!("https://lehoi.example.vn/delegations/{uid}")),
            certain: uid.starts_with('a'),
            changed_at: "2026-03-02T02:00:00Z".parse().unwrap(),
        };
        let long = format!("DV-2026-0001 · {}; một, hai\nba", "Đã có văn bản cho phép ".repeat(6).trim_end());
        let text = calendar(
            "Lịch đoàn",
            &[
                event("a@x", "2026-12-31", "2027-01-01", &long),
                event("b@x", "2028-02-29", "2028-02-29", "DR-2028-0001"),
            ],
        );
        assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
        assert!(text.ends_with("END:VCALENDAR\r\n"));
        let Entry::ICalendar(read) = calcard::Parser::new(&text).entry() else { panic!("{text}") };
        let events: Vec<_> = read
            .components
            .iter()
            .filter(|part| part.component_type == ICalendarComponentType::VEvent)
            .collect();
        assert_eq!(events.len(), 2);
        let said = |no: usize, property: ICalendarProperty| -> String {
            let entry = events[no].property(&property).expect("property");
            let value = entry.values.first().unwrap();
            value
                .as_text()
                .map(str::to_owned)
                .or_else(|| {
                    let at = value.as_partial_date_time()?;
                    Some(format!("{}-{}-{}", at.year?, at.month?, at.day?))
                })
                .unwrap()
        };
        assert_eq!(said(0, ICalendarProperty::Summary), long);
        assert_eq!(said(0, ICalendarProperty::Dtstart), "2026-12-31");
        assert_eq!(said(0, ICalendarProperty::Dtend), "2027-1-2");
        assert_eq!(said(1, ICalendarProperty::Dtend), "2028-3-1");
        assert_eq!(said(1, ICalendarProperty::Uid), "b@x");
        assert!(text.contains("STATUS:CONFIRMED\r\n") && text.contains("STATUS:TENTATIVE\r\n"), "{text}");
        assert_eq!(text.matches("URL:https://lehoi.example.vn/delegations/a@x\r\n").count(), 1, "{text}");
        assert!(
            text.contains("DTSTART;VALUE=DATE:20261231\r\n") && text.contains("DTSTAMP:20260302T020000Z")
        );
    }
}
