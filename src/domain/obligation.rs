//! stub
use super::codes::codes;
codes! { ObligationKind { PoliceNotice="police_notice", PressLicence="press_licence", PressConference="press_conference", SeaBorderNotice="sea_border_notice", RestrictedPermit="restricted_permit", TemporaryStay="temporary_stay",
 SponsorshipEnd="sponsorship_end", PressReport="press_report", ResultReport="result_report", PassportReturn="passport_return", CellReport="cell_report", Delivery="delivery", FollowUp="follow_up", Other="other" }
Proof { None="none", Number="number", File="file" } }
