//! From what somebody signed in, as coarsely as it helps people to know their own sign-ins in a list. What a program says
//! of itself may be anything: it is told apart into a few kinds, and never kept.

use super::codes::codes;

codes! {
    /// Kind of program.
    Browser {
        Firefox = "firefox",
        Edge = "edge",
        Opera = "opera",
        /// Cốc Cốc, much used in Vietnam.
        CocCoc = "coc_coc",
        Chrome = "chrome",
        Safari = "safari",
        /// Another program: one that uses the API, perhaps.
        Other = "other",
    }
    /// Kind of system.
    Platform {
        Windows = "windows",
        Android = "android",
        Ios = "ios",
        Macos = "macos",
        Linux = "linux",
        Other = "other",
    }
}

/// A program on a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Which program.
    pub browser: Browser,
    /// Which system.
    pub platform: Platform,
}

/// What names a program, the more particular before what it pretends to be.
const BROWSERS: [(&str, Browser); 9] = [
    ("coc_coc", Browser::CocCoc),
    ("edg", Browser::Edge),
    ("opr/", Browser::Opera),
    ("firefox/", Browser::Firefox),
    ("fxios/", Browser::Firefox),
    ("crios/", Browser::Chrome),
    ("chrome/", Browser::Chrome),
    ("chromium/", Browser::Chrome),
    ("safari/", Browser::Safari),
];

/// What names a system.
const PLATFORMS: [(&str, Platform); 7] = [
    ("windows", Platform::Windows),
    ("android", Platform::Android),
    ("iphone", Platform::Ios),
    ("ipad", Platform::Ios),
    ("mac os", Platform::Macos),
    ("macintosh", Platform::Macos),
    ("linux", Platform::Linux),
];

impl Device {
    /// Told from the `User-Agent` of a request (RFC 9110, 10.1.5).
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let said = user_agent.to_ascii_lowercase();
        let browser = BROWSERS.iter().find(|(name, _)| said.contains(name));
        let platform = PLATFORMS.iter().find(|(name, _)| said.contains(name));
        Self {
            browser: browser.map_or(Browser::Other, |(_, browser)| *browser),
            platform: platform.map_or(Platform::Other, |(_, platform)| *platform),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_pretend_to_be_others_are_told_apart() {
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0";
        for (said, browser, platform) in [
            (format!("{windows} Chrome/148.0.0.0 Safari/537.36"), Browser::Chrome, Platform::Windows),
            (format!("{windows} Chrome/148.0.0.0 Safari/537.36 Edg/148.0"), Browser::Edge, Platform::Windows),
            (
                format!("{windows} coc_coc_browser/140 Chrome/134 Safari/537"),
                Browser::CocCoc,
                Platform::Windows,
            ),
            (format!("{phone} Mobile/15E148 Safari/604.1"), Browser::Safari, Platform::Ios),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0".to_owned(),
                Browser::Firefox,
                Platform::Linux,
            ),
            (
                "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/148.0 Mobile Safari/537.36"
                    .to_owned(),
                Browser::Chrome,
                Platform::Android,
            ),
            ("curl/8.14.1".to_owned(), Browser::Other, Platform::Other),
            ("<script>".to_owned(), Browser::Other, Platform::Other),
            (String::new(), Browser::Other, Platform::Other),
        ] {
            assert_eq!(Device::of(&said), Device { browser, platform }, "{said}");
        }
    }
}
