"""A headless Chromium for the page's tests, with the steps that tests share."""
import json, pathlib, tempfile, time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

# Notes, from before the page's own scripts run, what must never happen on it.
WATCH = """
window.watched = {violations: [], errors: [], dialogs: 0};
document.addEventListener('securitypolicyviolation',
  e => watched.violations.push(e.violatedDirective + ' ' + e.blockedURI));
addEventListener('error', e => watched.errors.push(String(e.message)));
addEventListener('unhandledrejection', e => watched.errors.push(String(e.reason)));
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => { watched.dialogs++; };
"""


class Browser:
    def __init__(self, base, width=1280, height=860, dark=False, motion=True, ready=True):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--lang=en-GB",
                         f"--window-size={width},{height}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
        self.base = base
        self.downloads = pathlib.Path(tempfile.mkdtemp(prefix="brigade-page-"))
        command = self.driver.execute_cdp_cmd
        command("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        command("Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        command("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "no-preference" if motion else "reduce"}]})
        command("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(self.downloads)})
        self.driver.get(base)
        if ready:
            self.ready()

    def ready(self):
        self.wait("models to be read", lambda: self.js("return document.getElementById('model').value !== ''"))

    def go(self, fragment):
        self.js("location.hash = arguments[0]", fragment)

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return self.js("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector)

    def text(self, selector):
        return "".join(self.texts(selector)[-1:])

    def click(self, selector):
        self.js("document.querySelector(arguments[0]).scrollIntoView({block: 'nearest'})", selector)
        for _ in range(20):
            try:
                return self.one(selector).click()
            except StaleElementReferenceException:
                time.sleep(0.05)  # the view was drawn anew between finding it and the click
        raise AssertionError(f"{selector} is drawn anew all the time")

    def wait(self, what, condition, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            value = condition()
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds} s for {what}")

    def press(self, *keys):
        """Keys one after another; a tuple is pressed together, its last key with the others held."""
        for key in keys:
            chain = webdriver.ActionChains(self.driver)
            held = key[:-1] if isinstance(key, tuple) else ()
            for each in held:
                chain.key_down(each)
            chain.send_keys(key[-1] if isinstance(key, tuple) else key)
            for each in reversed(held):
                chain.key_up(each)
            chain.perform()

    def send(self, text):
        field = self.one("#prompt")
        field.clear()
        field.send_keys(text.replace("\n", Keys.SHIFT + Keys.ENTER + Keys.NULL) + Keys.ENTER)
        self.wait("the message to stand in the thread", lambda: self.all(".answer"))

    def live(self):
        return bool(self.all(".answer.live"))

    def done(self, seconds=90):
        self.wait("the answer's end", lambda: not self.live(), seconds)

    def ask(self, text, seconds=90):
        self.send(text)
        self.done(seconds)
        return self.text(".answer:last-child .prose:not(.thinking-text)")

    def new(self):
        if self.all("#sidebar[inert]"):
            self.click(".view:not([hidden]) .open-sidebar")
        self.click("#new-chat")
        self.wait("an empty conversation", lambda: not self.all(".message"))

    def stored(self):
        """The conversations in IndexedDB."""
        return self.driver.execute_async_script("""
            const done = arguments[0], open = indexedDB.open('brigade', 1);
            open.onsuccess = () => {
              const all = open.result.transaction('conversations').objectStore('conversations').getAll();
              all.onsuccess = () => { open.result.close(); done(all.result); };
            };""")

    def fetch(self, path):
        return json.loads(
            self.driver.execute_async_script("fetch(arguments[0]).then(r => r.text()).then(arguments[1])", path))

    def watched(self):
        return self.js("return window.watched")

    def close(self):
        self.js("window.onbeforeunload = null")
        self.driver.quit()
