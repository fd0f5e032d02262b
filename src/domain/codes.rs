//! Closed vocabularies: each word of `practice.md` that is stored or sent as a code. One macro makes the
//! enum, its stable code, its list and its parser; the words that people read are in `config/locales`.

/// A closed vocabulary with a stable `snake_case` code per word.
pub trait Code: Sized + Copy + 'static {
    /// The name of the vocabulary, for messages and CHECK constraints.
    const NAME: &'static str;
    /// Every word, in the order of declaration.
    const ALL: &'static [Self];
    /// The stable code.
    fn code(self) -> &'static str;
    /// The word with this code.
    fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.code() == code)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $code)] $variant),+
        }
        impl $crate::domain::codes::Code for $name {
            const NAME: &'static str = stringify!($name);
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let codes = <Self as $crate::domain::codes::Code>::ALL.iter().map(|word| word.to_string());
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(codes))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                $crate::domain::codes::schema_name(module_path!(), stringify!($name)).into()
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::domain::codes::Code::code(*self))
            }
        }
    )+};
}
pub(crate) use codes;

/// The name of a vocabulary in the API's description: words of the same name in several rooms are told apart by them.
#[must_use]
pub fn schema_name(module: &str, name: &str) -> String {
    let room = module.rsplit("::").find(|part| !matches!(*part, "model" | "evaluate" | "codes" | "facts"));
    match (name, room) {
        ("Verdict" | "Place" | "State" | "Kind" | "Confidence" | "Status", Some("domain")) => name.to_owned(),
        ("Verdict" | "Place" | "State" | "Kind" | "Confidence" | "Status", Some(room)) => {
            let mut letters = room.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            format!("{}{}{name}", first.map(String::from).unwrap_or_default(), letters.as_str())
        }
        _ => name.to_owned(),
    }
}

codes! {
    /// Which way a delegation travels.
    Direction {
        /// đoàn vào
        Inbound = "inbound",
        /// đoàn ra
        Outbound = "outbound",
    }
    /// How a dossier came to be in the system.
    Origin {
        /// Filed and decided here.
        System = "system",
        /// Loaded from an old spreadsheet; never decided here.
        Ledger = "ledger",
        /// Registered after the visit, with a reason (đón trước, báo sau).
        AfterTheFact = "after_the_fact",
    }
    /// A fate that is not a state.
    Outcome {
        /// Permitted, but nobody came (không đến).
        NoShow = "no_show",
        /// The same delegation as another dossier (trùng).
        Duplicate = "duplicate",
    }
    /// Through which channel of external affairs the delegation goes.
    Channel { Party = "party", State = "state", People = "people" }
    /// Where the guests live.
    GuestBase { Abroad = "abroad", ResidentVn = "resident_vn" }
    /// Rank of the guests, Thông tư 35/2026/TT-BTC.
    Rank {
        /// Heads of state, government, parliament.
        Special = "special",
        /// Deputy heads, foreign minister.
        A = "a",
        /// Ministers and vice-ministers.
        B = "b",
        /// Ambassadors, department level and below.
        C = "c",
        /// Other international guests.
        Other = "other",
    }
    /// What kind of guests come: several may hold.
    GuestKind {
        /// Of a state or government.
        Government = "government",
        /// Of a political party.
        Party = "party",
        /// Of a foreign non-governmental organisation.
        Ngo = "ngo",
        /// Of an intergovernmental organisation.
        Intergovernmental = "intergovernmental",
        /// Of companies.
        Business = "business",
        /// Of universities and institutes.
        Academic = "academic",
        /// Of friendship associations.
        Friendship = "friendship",
        /// Reporters.
        Press = "press",
        /// Others.
        Other = "other",
    }
    /// Level of the head of an outbound delegation.
    HeadLevel {
        /// Head of the city's Party committee, People's Council or People's Committee.
        CityHead = "city_head",
        /// Deputy of one of those.
        CityDeputy = "city_deputy",
        /// Head of a department, a commune or below.
        Unit = "unit",
    }
    /// Place of an outbound member in the leadership of his or her unit.
    Leadership {
        /// Its head.
        Head = "head",
        /// A deputy of the head.
        Deputy = "deputy",
        /// Neither.
        Neither = "neither",
    }
    /// How a delegation stands to the annual plan.
    PlanStatus {
        /// trong kế hoạch
        InPlan = "in_plan",
        /// ngoài kế hoạch
        OffPlan = "off_plan",
        /// In place of an item of the plan.
        Replaces = "replaces",
    }
    /// Field of work (lĩnh vực).
    Field {
        Friendship = "friendship",
        Politics = "politics",
        Economy = "economy",
        Education = "education",
        Health = "health",
        Culture = "culture",
        Environment = "environment",
        Agriculture = "agriculture",
        Science = "science",
        Humanitarian = "humanitarian",
        Youth = "youth",
        Press = "press",
        Other = "other",
    }
    /// A member's place in the delegation.
    MemberRole {
        Head = "head",
        Member = "member",
        Interpreter = "interpreter",
        Press = "press",
        Companion = "companion",
    }
    /// Whether a visa is needed: stated, never derived from nationality.
    Visa { NotNeeded = "not_needed", Needed = "needed", Held = "held" }
    /// Kind of passport.
    PassportType { Ordinary = "ordinary", Official = "official", Diplomatic = "diplomatic" }
    /// Sex as the passport says.
    Sex { Male = "male", Female = "female", Unspecified = "unspecified" }
    /// What the report says of a member.
    Attendance { Unknown = "unknown", Came = "came", Absent = "absent", Added = "added" }
    /// Who pays a part of an outbound trip.
    Payer { Host = "host", State = "state", Unit = "unit", Personal = "personal", Enterprise = "enterprise" }
    /// By whom an outbound member is managed.
    ManagedBy { ThanhUy = "thanh_uy", Pc = "pc", Unit = "unit" }
    /// Zone of a programme place.
    Zone { Normal = "normal", SeaBorder = "sea_border", Border = "border", Restricted = "restricted" }
    /// Signing forms of official paper; they stack.
    SigningForm { Tm = "TM", Kt = "KT", Tl = "TL", Tuq = "TUQ", Q = "Q" }
    /// A language that a reader can choose.
    Lang { Vi = "vi", En = "en" }
}
