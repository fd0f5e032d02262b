//! Chains of approval for tests of the engine: the shipped one has no step that asks a body.

/// Appraised, then the police (binding, recorded by the clerk) and the ministry (recorded by the appraiser) are asked
/// at the same time, then approved at the office; the city's Chairman stands above.
pub const ASKING: &str = r#"

[receive]
at = "foreign_affairs"
role = "clerk"
title_vi = "Tiếp nhận"
title_en = "Receive"

[[body]]
code = "city_police"
name_vi = "Công an thành phố"
name_en = "City Police"

[[body]]
code = "mofa"
name_vi = "Bộ Ngoại giao"
name_en = "Ministry of Foreign Affairs"

[[step]]
kind = "appraise"
at = "foreign_affairs"
role = "appraiser"
quorum = 1
clock = { n = 3, unit = "wd" }
title_vi = "Thẩm định"
title_en = "Appraisal"

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

[[step]]
kind = "approve"
stage = 3
at = "city_office"
role = "approver"
quorum = 1
clock = { n = 2, unit = "wd" }
forward_to = "city"
title_vi = "Phê duyệt"
title_en = "Approval"

[issue]
at = "foreign_affairs"
role = "clerk"
clock = { n = 1, unit = "wd" }
title_vi = "Ban hành"
title_en = "Issue"
"#;

/// Appraised, then two leaders of the office in parallel steps: one with a quorum of two.
pub const TWO_LEADERS: &str = r#"

[receive]
at = "foreign_affairs"
role = "clerk"
title_vi = "Tiếp nhận"
title_en = "Receive"

[[step]]
kind = "appraise"
at = "foreign_affairs"
role = "appraiser"
quorum = 1
title_vi = "Thẩm định"
title_en = "Appraisal"

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

[issue]
at = "foreign_affairs"
role = "clerk"
title_vi = "Ban hành"
title_en = "Issue"
"#;

/// Appraisal and approval, whoever comes and wherever they go: no body is asked.
pub const PLAIN: &str = r#"
[receive]
at = "foreign_affairs"
role = "clerk"
title_vi = "Tiếp nhận"
title_en = "Receive"

[[step]]
kind = "appraise"
at = "foreign_affairs"
role = "appraiser"
quorum = 1
clock = { n = 3, unit = "wd" }
title_vi = "Thẩm định"
title_en = "Appraisal"

[[step]]
kind = "approve"
at = "city_office"
role = "approver"
quorum = 1
clock = { n = 2, unit = "wd" }
forward_to = "city"
title_vi = "Phê duyệt"
title_en = "Approval"

[issue]
at = "foreign_affairs"
role = "clerk"
title_vi = "Ban hành"
title_en = "Issue"
"#;
