"""`wp report`: one page that needs nothing but itself, in a real browser, with hostile tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import wordpiece
from tests.command import Wp
from wordpiece import presets
from wordpiece.analysis.inspection import Text, inspect, training_text
from wordpiece.analysis.replay import Replay
from wordpiece.analysis.studied import Studied, study
from wordpiece.formats.trace import Trace
from wordpiece.models.wordpiece import WordPiece
from wordpiece.pretrained import Tokenizer
from wordpiece.report.gather import gather
from wordpiece.report.page import page, resource
from wordpiece.types import WordCounts

NO_TEXT = Text(WordCounts({}))
HOSTILE = [
    "</script><script>window.broken=1</script>",
    '"><img src=x onerror="window.broken=1">',
    "{{7*7}}",
    "\u202edrow",
    "a\x00b",
    "\x1b[31mred",
    "\ud800",
    "<!--",
    "javascript:window.broken=1",
    "long" * 2500,
]


def hostile_page() -> str:
    """A page of a tokenizer that only has hostile tokens, and hostile texts."""
    tokenizer = Tokenizer(presets.wordpiece(["[UNK]", *HOSTILE, *(f"##{t}" for t in HOSTILE)]))
    studied = Studied(HOSTILE[1], tokenizer, signature={HOSTILE[0]: [HOSTILE[1]]})
    samples = [text for text in HOSTILE if text != "\ud800"]
    other = replace(studied, name=HOSTILE[0])
    report = gather(studied, NO_TEXT, samples=[*samples, ""], others=[other])
    return page(report, title=HOSTILE[0])


@pytest.fixture
def trained(course: Path) -> Studied:
    wordpiece.train(course, vocab_size=70).save("tokenizer")
    return study("tokenizer")


def course_page(trained: Studied) -> str:
    report = gather(
        trained,
        training_text(trained),
        samples=["This about course!"],
        words=["about", "chapters"],
        models_in=Path("tokenizer"),
    )
    return page(report)


class Links(HTMLParser):
    """Collects what a page would fetch, and its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "data", "srcset", "poster") and value:
                self.fetched.append(value)
            if name.startswith("on"):
                self.handlers.append(name)


def test_the_page_fetches_nothing_and_runs_its_own_script_alone(trained: Studied) -> None:
    text = course_page(trained)
    links = Links(text)
    assert all(link.startswith("#") for link in links.fetched)
    assert links.handlers == []
    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert "url(" not in text
    policy = re.search(r"script-src 'sha256-([^']+)'", text)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert policy is not None
    assert [hash_of(script) for script in scripts] == [policy[1]]
    assert "default-src 'none'" in text


def hash_of(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def test_the_same_training_gives_the_same_page(trained: Studied) -> None:
    assert course_page(trained) == course_page(trained)


def test_hostile_tokens_are_text() -> None:
    text = hostile_page()
    links = Links(text)
    assert "img" not in links.tags
    assert links.tags.count("script") == 2
    assert "49" not in re.findall(r"<bdi>([^<]*)</bdi>", text)
    for char in ("\u202e", "\x00", "\x1b"):
        assert char not in text
    text.encode("utf-8")  # no lone surrogate
    assert "&lt;U+202E&gt;" in text
    assert "&lt;U+D800&gt;" in text


def test_contrast_is_enough_in_light_and_dark() -> None:
    """At least 4.5 to 1 for text on every ground that it stands on."""
    style = resource("page.css")
    blocks = re.findall(r"\{([^{}]*--page:[^{}]*)\}", style)
    assert len(blocks) == 3
    for block in blocks:
        colors = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for ground in ("page", "panel", "tint0", "tint1", "tint2", "tint3"):
            assert contrast(colors["text"], colors[ground]) >= 4.5, ground
        for ink in ("quiet", "accent", "warn"):
            for ground in ("page", "panel"):
                assert contrast(colors[ink], colors[ground]) >= 4.5, (ink, ground)
        assert contrast(colors["text"], colors["hatch"]) >= 4.5
        assert contrast(colors["edge"], colors["page"]) >= 3


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2: (lighter + 0.05) / (darker + 0.05), of relative luminances."""
    first, second = sorted((luminance(one), luminance(other)))
    return (second + 0.05) / (first + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_thirty_thousand_tokens_take_less_than_three_megabytes() -> None:
    counts = random_counts(random.Random(5), 24_000)
    result = wordpiece.train(WordCounts(counts), vocab_size=30_000)
    assert result.tokenizer.get_vocab_size() == 30_000
    known = Studied("t", result.tokenizer, Trace(result.merges, result.details))
    report = gather(known, Text(WordCounts(counts), "counts"), words=list(counts)[:5])
    assert len(page(report).encode()) < 3_000_000


def random_counts(chance: random.Random, number: int) -> dict[str, int]:
    """Words of syllables, with counts as in text: the n-th has about 1/n of the first's."""
    parts = [a + b + c for a in "bdfgklmnprst" for b in "aeiou" for c in ("", "n", "r", "s")]
    words = dict.fromkeys(
        "".join(chance.choices(parts, k=chance.randint(1, 5))) for _ in range(number)
    )
    return {word: 1 + 500_000 // at for at, word in enumerate(words, start=1)}


def test_a_bare_vocabulary_gets_a_page_that_says_what_is_missing(data: Path) -> None:
    """Why `unaffable` is `una ##ffa ##ble`, and which tokens are useless, without any training."""
    bert = study(data / "bert-vocabs/bert-base-uncased.txt", lowercase=True)
    text = page(gather(bert, training_text(bert), samples=["unaffable"]))
    assert "una, id 14477, characters 0 to 3: 6 longer are absent (unaffable, unaffabl" in text
    assert "shorter ones: un, u" in text
    assert "Unreachable tokens: 337" in text
    assert "wp train records one unless --trace none is given" in text
    assert "name one with --text" in text
    assert len(text.encode()) < 3_000_000


def test_a_comparison_of_tokenizers_has_metrics_with_intervals(trained: Studied) -> None:
    wordpiece.train(Path("tokenizer/vocab.txt"), vocab_size=90).save("other")
    documents = ["This is the course", "about tokenization", "chapters and sections"]
    report = gather(trained, NO_TEXT, others=[study("other")], documents=documents)
    text = page(report)
    assert "Differences from the first, with 95 % intervals" in text
    assert re.search(r"[+-]\d\.\d{4} \[[+-]\d\.\d{4}, [+-]\d\.\d{4}\]", text)


def test_the_command_writes_the_page(wp: Wp, course: Path) -> None:
    wp("train", str(course), "--vocab-size", "70")
    said = json.loads(wp("report", "--json", "--word", "about"))
    assert said["output"] == "report.html"
    assert said["bytes"] == len(Path("report.html").read_bytes())
    assert said["missing"] == []
    assert "written to page.html" in wp("report", "-o", "page.html", "--no-compare")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", ""), "must name a file"),
        (("-o", "tokenizer"), "is a folder; name a file"),
        (("--with", "nope"), "no such tokenizer"),
        (("--text", "empty"), "holds no word"),
    ],
)
def test_bad_input_is_one_line(
    wp: Wp, course: Path, arguments: tuple[str, ...], message: str
) -> None:
    Path("empty").touch()
    wp("train", str(course), "--vocab-size", "70")
    wp("report", *arguments, code=2)
    assert wp.err.count("\n") == 1
    assert message in wp.err


def test_a_missing_extra_is_named_before_anything_is_measured(
    wp: Wp, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wp("train", str(course), "--vocab-size", "70")
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.setattr("wordpiece.report.gather.gather", None)
    wp("report", code=2)
    assert wp.err == 'wp: wp report: needs Jinja2: pip install "wordpiece-lab[report]"\n'


# ---------------------------------------------------------------- in a browser

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("chromium is not installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=executable, args=FLAGS)
        yield opened
        opened.close()


class Opened:
    """A page in a browser; what it asked for, and what went wrong in it."""

    def __init__(self, browser: Any, text: str, **options: Any) -> None:
        path = Path("page.html").absolute()
        path.write_text(text, encoding="utf-8")
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: self.errors.append(dialog.message))
        self.page.goto(path.as_uri())

    def tokens(self, selector: str) -> list[str]:
        """The tokens in a part of the page."""
        found: list[str] = self.page.locator(f"{selector} bdi").all_inner_texts()
        return found


@pytest.fixture
def opened(browser: Any, trained: Studied) -> Iterator[Opened]:
    page = Opened(browser, course_page(trained))
    yield page
    assert page.errors == []
    assert len(page.requests) == 1
    page.context.close()


def slide(opened: Opened, name: str, value: int) -> None:
    opened.page.locator(f"#{name}").fill(str(value))


def test_the_slider_moves_through_the_training(opened: Opened) -> None:
    slide(opened, "replay-step", 1)
    assert "a + ##b → ab" in opened.page.inner_text("#replay-merge")
    words = opened.page.locator("#replay-words .model")
    assert words.nth(0).locator("ul bdi").all_inner_texts() == ["ab", "##o", "##u", "##t"]
    opened.page.click("#replay-on")
    assert opened.page.input_value("#replay-step") == "15"  # chapters: ch
    opened.page.click("#replay-back")
    assert opened.page.input_value("#replay-step") == "1"
    slide(opened, "size", 44)
    assert opened.page.inner_text("#size-number") == "44"
    assert opened.page.locator("#size-words .model").nth(0).locator("ul bdi").count() == 5
    slide(opened, "size", 70)
    shown = opened.page.locator("#size-words .model").nth(0).locator("ul bdi").all_inner_texts()
    assert shown == ["ab", "##o", "##ut"]


def test_a_word_that_is_typed_in_is_split_as_by_the_library(
    opened: Opened, trained: Studied
) -> None:
    order = trained.merge_order
    assert order is not None
    for word in ("thchapterthms", "Hugging", "aboutthat", "ab"):
        opened.page.fill("#pin", word)
        opened.page.click("#pin-add")
        last = opened.page.locator("#replay-words .model").last
        for step in (0, 5, 17, 26):
            slide(opened, "replay-step", step)
            shown = last.locator("ul bdi").all_inner_texts()
            assert tuple(shown) == order.split(word, until=step)
        slide(opened, "size", 70)
        greedy = opened.page.locator("#size-words .model").last.locator("ul bdi").all_inner_texts()
        assert greedy == trained.tokenizer.encode(word, add_special_tokens=False).tokens


MIXED = "𫠠𫠡 Learned naïve learners don't learn 영화 영화를 naïvely; Learned, (learned) 北京 x1 x2"


@pytest.mark.parametrize(
    ("options", "typed"),
    [
        ({"lowercase": True}, ["Learned", "영화를", "don't", "NAÏVE", "北京", "learners,learned"]),
        ({"lowercase": True, "strip_accents": False}, ["Learned", "영화", "naïve"]),
        ({}, ["Learned", "learners", "영화를", "lear\u00adned", "\ufefflear\u200bners", "𫠠𫠡"]),
        ({"model": "bpe"}, ["naïvely", "(learned)"]),
        ({"model": "byte-bpe"}, ["naïve", "learn 영화", "don't", "x12"]),
    ],
)
def test_what_is_typed_in_becomes_words_as_the_library_cuts_it(
    browser: Any, options: dict[str, Any], typed: list[str]
) -> None:
    result = wordpiece.train([MIXED], vocab_size=330, **options)
    result.save("mixed")
    known = study("mixed")
    opened = Opened(browser, page(gather(known, NO_TEXT)))
    for text in typed:
        opened.page.fill("#pin", text)
        opened.page.click("#pin-add")
        for each in Replay(known, [text]).pinned:
            row = opened.page.locator("#replay-words .model").filter(
                has=opened.page.locator(f'span bdi:text-is("{each.word}")')
            )
            for step in (0, 3, len(result.merges)):
                slide(opened, "replay-step", step)
                assert tuple(row.first.locator("ul bdi").all_inner_texts()) == each.at(step)
    opened.page.fill("#pin", "☃")
    opened.page.click("#pin-add")
    refused = "" if known.model == "byte-bpe" else "Not in the alphabet: ☃"
    assert opened.page.inner_text("#pin-note") == refused
    assert opened.errors == []
    opened.context.close()


def test_every_size_of_the_slider_splits_as_that_tokenizer_does(browser: Any) -> None:
    """Also with a word over the limit, and a special token that a merge makes again."""
    words = ["ABC" * 34, "ABBA"]
    counts = WordCounts({words[0].lower(): 1, "abba": 3, "cab": 2, "abc": 1})
    special = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "ab"]
    result = wordpiece.train(counts, vocab_size=30, lowercase=True, special_tokens=special)
    assert "ab" in [merge.new for merge in result.merges]
    known = Studied("t", result.tokenizer, Trace(result.merges, result.details))
    replay = Replay(known, words)
    opened = Opened(browser, page(gather(known, NO_TEXT, words=words)))
    rows = opened.page.locator("#size-words .model")
    for size in range(replay.begun_with, 31):
        slide(opened, "size", size)
        expected = replay.size(size)
        assert f"After step {expected.step}." in opened.page.inner_text("#size-note")
        for number, tokens in enumerate(expected.splits.values()):
            assert tuple(rows.nth(number).locator("ul bdi").all_inner_texts()) == tokens
    opened.context.close()


def test_bpe_marks_the_characters_that_it_lacks_and_no_others() -> None:
    tokenizer = Tokenizer(presets.bpe(["[UNK]", "n", "v", "e"], merges=[]))
    text = page(gather(Studied("t", tokenizer), NO_TEXT, samples=["ñve"]))
    boxes = re.findall(r'class="chip (c\d(?: unk)?)" title="([^"]*)"', text)
    assert [kind.endswith("unk") for kind, _ in boxes] == [True, False, False]
    assert "use --model byte-bpe" in boxes[0][1]
    assert "use --model" not in boxes[1][1]


def test_a_token_of_which_nothing_is_known_gets_no_witness(browser: Any) -> None:
    """With words of at most three characters no beginning is short enough for `##de`."""
    parts = presets.wordpiece(["[UNK]", "abc", "##de", "abcd"])
    model = WordPiece(parts.model.vocab, max_input_chars_per_word=3)
    known = Studied("t", Tokenizer(replace(parts, model=model)))
    opened = Opened(browser, page(gather(known, NO_TEXT)))
    opened.page.fill("#token-search", "##de")
    assert "reached not known" in opened.page.inner_text("#token-detail")
    opened.context.close()


def test_very_long_tokens_are_shortened() -> None:
    result = wordpiece.train(
        WordCounts({"".join(map(chr, range(0x4E00, 0x4E00 + 900))): 1}), vocab_size=2700
    )
    known = Studied("t", result.tokenizer, Trace(result.merges, result.details))
    report = gather(known, Text(WordCounts({"a": 1}), "a"))
    assert len(page(report).encode()) < 3_000_000


def test_the_table_of_merges_is_filtered_sorted_and_opened(opened: Opened) -> None:
    rows = opened.page.locator("#merge-table tbody tr")
    assert rows.count() == 26
    opened.page.fill("#merge-filter", "ful")
    assert rows.count() == 3
    opened.page.fill("#merge-filter", "22")
    assert rows.count() == 1
    rows.nth(0).locator("button").click()
    detail = opened.page.inner_text("#merge-detail")
    assert "Step 22: ##thm + ##s → ##thms, 1 / (1 × 8) = 0.125" in detail
    assert "##z ##a f(ab) 1, f(a) 2, f(b) 5, score 0.1" in detail
    opened.page.fill("#merge-filter", "")
    opened.page.click("#merge-table th[data-key=score] button")
    opened.page.click("#merge-table th[data-key=score] button")
    assert opened.page.get_attribute("#merge-table th[data-key=score]", "aria-sort") == "descending"
    assert "= 0.5" in rows.nth(0).inner_text()


def test_the_search_finds_tokens_and_tells_their_lives(opened: Opened) -> None:
    opened.page.fill("#token-search", "##thms")
    assert opened.page.inner_text("#token-count") == "1 token"
    life = opened.page.inner_text("#token-detail")
    assert "##thms, id 65" in life
    assert "used once" in life
    assert "reached by chaptthms" in life
    assert "##thm step 11" in life
    opened.page.fill("#token-search", "ful")
    opened.page.locator("#token-found button", has_text="##ful").first.click()
    assert "used never" in opened.page.inner_text("#token-detail")
    assert "taken by ##full" in opened.page.inner_text("#token-detail")
    opened.page.fill("#token-search", "nothing like it")
    assert opened.page.inner_text("#token-detail") == "No token has it."


def test_the_keyboard_reaches_every_token_and_keeps_one(opened: Opened) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    first = page.locator("#samples ul.split button").first
    first.focus()
    assert "Th, id 52" in page.inner_text("#why")
    page.keyboard.press("ArrowRight")
    assert "##i, id 13" in page.inner_text("#why")
    page.keyboard.press("End")
    assert "[UNK], id 1" in page.inner_text("#why")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    assert first.get_attribute("aria-pressed") == "true"
    page.keyboard.press("ArrowRight")
    assert "Th, id 52" in page.inner_text("#why")
    tabbable = page.locator("#samples ul.split").first.locator("button[tabindex='0']")
    assert tabbable.count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_scheme_follows_the_system_until_it_is_switched(
    browser: Any, trained: Studied, scheme: str
) -> None:
    opened = Opened(browser, course_page(trained), color_scheme=scheme)
    ground = "getComputedStyle(document.body).backgroundColor"
    before = opened.page.evaluate(ground)
    assert before == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 22, 26)")
    opened.page.click("#theme")
    assert opened.page.evaluate(ground) != before
    opened.page.click("#theme")
    assert opened.page.evaluate(ground) == before
    opened.context.close()


def test_without_script_the_tables_and_plots_are_there(browser: Any, trained: Studied) -> None:
    opened = Opened(browser, course_page(trained), java_script_enabled=False)
    page = opened.page
    assert page.locator("#merge-table tbody tr").count() == 26
    assert page.locator("svg.plot").count() >= 4
    assert page.locator("#replay .nojs table").count() == 2
    assert page.locator("#replay .nojs").is_visible()
    assert not page.locator("#merge-filter").is_visible()
    assert page.locator("#samples details").first.is_visible()
    opened.context.close()


def test_motion_is_reduced_where_it_is_asked_for(browser: Any, trained: Studied) -> None:
    text = course_page(trained)
    for wish, expected in (("reduce", "auto"), ("no-preference", "smooth")):
        opened = Opened(browser, text, reduced_motion=wish)
        style = opened.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")
        assert style == expected
        opened.context.close()


def test_a_narrow_window_does_not_scroll_sideways(browser: Any, trained: Studied) -> None:
    for text in (course_page(trained), hostile_page()):
        opened = Opened(browser, text, viewport={"width": 360, "height": 700})
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
        opened.context.close()


def test_hostile_tokens_stay_inert_in_a_browser(browser: Any) -> None:
    opened = Opened(browser, hostile_page())
    opened.page.fill("#token-search", "script")
    for button in opened.page.locator("#token-found button").all():
        button.click()
    opened.page.locator("#samples button").first.click()
    assert opened.page.evaluate("window.broken") is None
    assert opened.page.locator("img").count() == 0
    assert opened.errors == []
    assert len(opened.requests) == 1
    opened.context.close()


def test_what_is_gathered_is_what_the_inspector_says(trained: Studied) -> None:
    report = gather(trained, training_text(trained))
    assert report.inspection == inspect(trained, training_text(trained))


def test_words_in_which_a_special_token_stands_are_not_watched(wp: Wp) -> None:
    Path("th.txt").write_text("another another weather\nother weather tables\n")
    wp("train", "th.txt", "-v", "40", "--special-token", "[UNK]", "--special-token", "the", "-q")
    wp("report", "--no-compare", "-q")
