//! A real Chromium, driven over `WebDriver`: what people see and do, with a screen of their size, keys, clicks and the
//! clipboard; and what axe-core says of the accessibility of a page.
//!
//! `.ci/run` installs Chromium, its driver and axe-core, and sets `LEGATION_TEST_REQUIRE_BROWSER`. Where they are not
//! there, the tests that need them say so and pass by.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// Longest wait for a page: a busy machine takes its time.
const PATIENCE: Duration = Duration::from_mins(2);
/// A desk's screen and a small phone, in CSS pixels.
pub const DESK: u32 = 1440;
pub const PHONE: u32 = 360;

/// Whether the browser tests can run here. Where they must and cannot, this fails.
pub fn is_here() -> bool {
    let missing: Vec<&str> = [
        ("chromedriver", Command::new("chromedriver").arg("--version").output().is_ok()),
        ("tests/axe/node_modules (npm ci --prefix tests/axe)", axe_file().exists()),
    ]
    .into_iter()
    .filter_map(|(name, is_there)| (!is_there).then_some(name))
    .collect();
    if missing.is_empty() {
        return true;
    }
    let required = std::env::var("LEGATION_TEST_REQUIRE_BROWSER").is_ok();
    assert!(!required, "LEGATION_TEST_REQUIRE_BROWSER is set, and there is no {}", missing.join(", no "));
    // Past the runner's capture, so that nobody takes it for a run.
    let words = format!("\nlegation: NOT RUN in a browser, for want of {}\n", missing.join(", "));
    std::io::stderr().write_all(words.as_bytes()).unwrap();
    false
}

fn axe_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/axe/node_modules/axe-core/axe.min.js")
}

/// Where screenshots are written: `LEGATION_TEST_SCREENSHOTS`, or `target/tmp/screenshots`.
pub fn screenshots() -> PathBuf {
    let folder = std::env::var("LEGATION_TEST_SCREENSHOTS")
        .map_or_else(|_| Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots"), PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The driver's process; killed when this is dropped, its browser with it.
struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .args(["--port=0", "--log-level=SEVERE"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let said = lines.find(|line| line.contains("started successfully on port")).expect("a driver");
        let port: String = said.chars().filter(char::is_ascii_digit).collect();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A command of the `DevTools` protocol, which Chromium's driver passes on.
#[derive(Debug)]
struct DevTools(&'static str, Value);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _url: &url::Url) -> (ureq::http::Method, Option<String>) {
        (ureq::http::Method::POST, Some(json!({"cmd": self.0, "params": self.1}).to_string()))
    }
}

/// A browser window.
pub struct Chrome {
    runtime: tokio::runtime::Runtime,
    client: Client,
    base: String,
    width: u32,
    _driver: Driver,
}

impl Chrome {
    /// A new browser for the service at this address, without cookies, as wide as a desk's screen.
    pub fn open(base: &str) -> Self {
        let driver = Driver::start();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let capabilities = json!({
            "goog:chromeOptions": {"args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--lang=vi", "--hide-scrollbars", "--force-prefers-reduced-motion", "--window-size=1440,1000",
            ]},
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let client = runtime
            .block_on(
                ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver.url),
            )
            .expect("a browser");
        let chrome = Self { runtime, client, base: base.to_owned(), width: DESK, _driver: driver };
        chrome.screen(DESK)
    }

    fn devtools(&self, command: &'static str, params: Value) -> Value {
        self.runtime.block_on(self.client.issue_cmd(DevTools(command, params))).unwrap()
    }

    /// On a screen of this width; a narrow one is a phone's.
    pub fn screen(mut self, width: u32) -> Self {
        self.resize(width);
        self
    }

    /// As `screen`.
    pub fn resize(&mut self, width: u32) {
        self.width = width;
        let (height, is_phone) = if width < 600 { (740, true) } else { (1000, false) };
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone}),
        );
    }

    /// With scripts of pages switched off, as a browser's own setting does it; on a screen so tall that the driver need
    /// not scroll, which it does by a script.
    pub fn without_scripts(self) -> Self {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": self.width, "height": 8_000, "deviceScaleFactor": 1, "mobile": false}),
        );
        self.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true}));
        self
    }

    /// Whether the reader prefers dark pages.
    pub fn dark(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.devtools("Emulation.setEmulatedMedia", features);
    }

    /// Opens a path of the service.
    #[track_caller]
    pub fn go(&self, path: &str) -> &Self {
        let url = format!("{}{path}", self.base);
        self.runtime.block_on(self.client.goto(&url)).unwrap_or_else(|fault| panic!("{path}: {fault}"));
        self
    }

    /// Path and query of the page.
    pub fn path(&self) -> String {
        let url = self.runtime.block_on(self.client.current_url()).unwrap();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Runs a script in the page, as one types it into the browser's console, and gives what it returns.
    #[track_caller]
    pub fn js(&self, script: &str) -> Value {
        self.runtime
            .block_on(self.client.execute(script, Vec::new()))
            .unwrap_or_else(|fault| panic!("{}: {fault}", self.path()))
    }

    /// What the page says, as it is read.
    pub fn text(&self) -> String {
        self.runtime
            .block_on(async { self.client.find(Locator::Css("body")).await.unwrap().text().await.unwrap() })
    }

    #[track_caller]
    pub fn shows(&self, words: &str) -> &Self {
        let text = self.text();
        assert!(text.contains(words), "{} does not show {words:?}:\n{text}", self.path());
        self
    }

    /// Whether there is such an element.
    pub fn has(&self, css: &str) -> bool {
        let found = self.runtime.block_on(self.client.find_all(Locator::Css(css)));
        !found.unwrap().is_empty()
    }

    #[track_caller]
    fn find(&self, locator: Locator<'_>) -> fantoccini::elements::Element {
        let found = self.runtime.block_on(self.client.find(locator));
        found.unwrap_or_else(|fault| panic!("{}: {locator:?}: {fault}\n{}", self.path(), self.text()))
    }

    /// Types into a field, in place of what is there.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) -> &Self {
        let field = self.find(Locator::Css(css));
        let typed = self.runtime.block_on(async {
            field.clear().await?;
            field.send_keys(text).await
        });
        typed.unwrap_or_else(|fault| panic!("{css}: {fault}"));
        self
    }

    /// Chooses one of a list by its value.
    #[track_caller]
    pub fn choose(&self, css: &str, value: &str) -> &Self {
        let field = self.find(Locator::Css(css));
        let chosen = self.runtime.block_on(field.select_by_value(value));
        chosen.unwrap_or_else(|fault| panic!("{css} {value}: {fault}"));
        self
    }

    /// Clicks something that changes this page only: a tick, a choice, a fold.
    #[track_caller]
    pub fn tick(&self, css: &str) -> &Self {
        let clicked = self.runtime.block_on(self.find(Locator::Css(css)).click());
        clicked.unwrap_or_else(|fault| panic!("{css}: {fault}"));
        self
    }

    /// Clicks the link or button with these words, and waits for the page that it leads to.
    #[track_caller]
    pub fn press(&self, words: &str) -> &Self {
        let say = format!("normalize-space(.)=\"{words}\"");
        let xpath = format!(
            "//main//*[(self::a or self::button) and {say}] | //*[(self::a or self::button) and {say}]"
        );
        self.follow(Locator::XPath(&xpath))
    }

    /// Clicks what leads to another page, and waits for that.
    #[track_caller]
    pub fn open_by(&self, css: &str) -> &Self {
        self.follow(Locator::Css(css))
    }

    #[track_caller]
    fn follow(&self, locator: Locator<'_>) -> &Self {
        let goal = self.find(locator);
        self.leave(|| {
            self.runtime.block_on(goal.click()).unwrap_or_else(|fault| panic!("{locator:?}: {fault}"));
        })
    }

    /// Does what leads to another page, and waits until that is there.
    #[track_caller]
    pub fn leave(&self, does: impl FnOnce()) -> &Self {
        let old = self.find(Locator::Css("html"));
        does();
        let start = Instant::now();
        while self.runtime.block_on(old.tag_name()).is_ok() {
            assert!(start.elapsed() < PATIENCE, "{} did not go away", self.path());
            std::thread::sleep(Duration::from_millis(20));
        }
        // The next page is there when its end is: the driver waits for that before it answers.
        self.find(Locator::Css("footer"));
        self
    }

    /// Types keys to whatever has the focus.
    pub fn keys(&self, keys: &str) -> &Self {
        let typed = self.runtime.block_on(async {
            let focused = self.client.active_element().await?;
            focused.send_keys(keys).await
        });
        typed.unwrap();
        self
    }

    /// What has the focus: its id, or else what it says.
    pub fn focus(&self) -> String {
        let found = self.js("const e = document.activeElement; return e.id || e.textContent.trim();");
        found.as_str().unwrap().to_owned()
    }

    /// Puts a text on the clipboard, as a spreadsheet does when cells are copied.
    pub fn copy(&self, text: &str) -> &Self {
        self.devtools("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
        let permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"];
        self.devtools("Browser.grantPermissions", json!({"permissions": permissions, "origin": self.base}));
        let write = self.client.execute(
            "return navigator.clipboard.writeText(arguments[0]).then(() => 'copied');",
            vec![Value::from(text)],
        );
        assert_eq!(self.runtime.block_on(write).unwrap(), "copied");
        self
    }

    /// A picture of the whole page, in the folder of screenshots.
    pub fn shot(&self, name: &str) -> &Self {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({}));
        let (size, screen) = (&metrics["cssContentSize"], &metrics["cssLayoutViewport"]);
        let height = size["height"].as_f64().unwrap().max(screen["clientHeight"].as_f64().unwrap());
        let clip = json!({"x": 0, "y": 0, "width": self.width, "height": height, "scale": 1});
        let picture = self.devtools(
            "Page.captureScreenshot",
            json!({"format": "png", "captureBeyondViewport": true, "clip": clip}),
        );
        let png = base64::prelude::BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        std::fs::write(screenshots().join(format!("{name}.png")), png).unwrap();
        self
    }

    /// What axe-core finds against WCAG 2.2 AA and good practice: one line for each rule and element.
    pub fn violations(&self) -> Vec<String> {
        let axe = std::fs::read_to_string(axe_file()).unwrap();
        let tags = json!(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]);
        let found = self.js(&format!(
            "{axe}; return axe.run(document, {{runOnly: {tags}, resultTypes: ['violations']}}).then(found => \
             found.violations.flatMap(rule => rule.nodes.map(node => \
             rule.id + ': ' + node.failureSummary.replace(/\\s+/g, ' ') + ' ' + node.html.slice(0, 200))));"
        ));
        found.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    }

    /// Whatever is wrong with how the page lies on this screen: it is wider, or it moved while it was made, by more than a
    /// hundredth of the screen (a tenth is what Core Web Vitals still call good; a page that comes in pieces on a busy
    /// machine may move by a line).
    pub fn misplaced(&self) -> Vec<String> {
        let found =
            self.js("const page = document.documentElement, wide = page.scrollWidth - page.clientWidth;\
             return new Promise(done => { let moved = 0;\
               new PerformanceObserver(list => { for (const one of list.getEntries()) moved += one.value; })\
                 .observe({type: 'layout-shift', buffered: true});\
               setTimeout(() => done([wide > 0 ? 'wider than the screen by ' + wide + ' px' : '',\
                 moved > 0.01 ? 'moved while loading: ' + moved : '']), 30); });");
        let said = found.as_array().unwrap().iter().filter_map(Value::as_str);
        said.filter(|words| !words.is_empty()).map(str::to_owned).collect()
    }

    /// What the browser complained of since the last time: refused scripts and styles, files that are not there.
    pub fn complaints(&self) -> Vec<String> {
        #[derive(Debug)]
        struct Log;
        impl WebDriverCompatibleCommand for Log {
            fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
                base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
            }

            fn method_and_body(&self, _url: &url::Url) -> (ureq::http::Method, Option<String>) {
                (ureq::http::Method::POST, Some(json!({"type": "browser"}).to_string()))
            }
        }
        let lines = self.runtime.block_on(self.client.issue_cmd(Log)).unwrap();
        let lines = lines.as_array().cloned().unwrap_or_default();
        lines.iter().map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The page as it is printed on A4.
    pub fn printed(&self) -> Vec<u8> {
        let made = self.devtools("Page.printToPDF", json!({"paperWidth": 8.27, "paperHeight": 11.69}));
        base64::prelude::BASE64_STANDARD.decode(made["data"].as_str().unwrap()).unwrap()
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        drop(self.runtime.block_on(self.client.clone().close()));
    }
}
