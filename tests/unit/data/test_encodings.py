"""Texts in the encodings of older programs are read with the right letters, and what was guessed is said."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pandas
import pytest

from headstart.data.encodings import find
from headstart.data.gather import gather
from headstart.data.read import load
from headstart.data.row_stream import stream_table

TEXTS = {
    "russian": ["Отличный товар, всем рекомендую", "Доставка заняла три недели, очень плохо", "Хорошо"],
    "ukrainian": ["Дуже гарний товар, рекомендую всім", "Їхав довго, якість погана"],
    "simplified": ["这个产品很好，我非常喜欢", "质量太差了，不推荐购买", "物流很快"],
    "traditional": ["這個產品很好，我非常喜歡", "品質太差了，不推薦購買"],
    "japanese": ["この商品はとても良いです", "品質が悪くてがっかりしました", "配達が早かった"],
    "korean": ["이 제품은 정말 좋아요", "품질이 나쁘고 배송이 늦었어요"],
    "german": ["süß und größer", "Die Qualität ist schön, aber für den Preis zu klein"],
    "french": ["très déçu de la qualité", "ça marche, à bientôt", "livraison reçue à l'été"],
    "polish": ["bardzo dobra jakość, polecam każdemu", "źle wykonane, żałuję że kupiłem"],
    "czech": ["příliš žluťoučký kůň úpěl", "velmi dobrá kvalita, děkuji"],
    "turkish": ["çok güzel bir ürün, teşekkürler", "kötü kalite, iğrenç ve şişmiş"],
    "greek": ["πολύ καλό προϊόν, το συνιστώ", "κακή ποιότητα και αργή παράδοση"],
    "hebrew": ["מוצר מצוין, מומלץ מאוד לכל מי שאוהב", "איכות גרועה מאוד"],
    "arabic": ["منتج ممتاز أنصح به", "جودة سيئة جدا"],
}
WRITTEN = [
    ("russian", "cp1251", "CP1251 (Cyrillic)"),
    ("russian", "koi8-r", "KOI8-R (Cyrillic)"),
    ("russian", "iso8859-5", "ISO-8859-5 (Cyrillic)"),
    ("ukrainian", "cp1251", "CP1251 (Cyrillic)"),
    ("simplified", "gbk", "GB18030 (Chinese)"),
    ("traditional", "big5", "BIG5 (Chinese)"),
    ("japanese", "shift_jis", "Shift-JIS (Japanese)"),
    ("japanese", "euc_jp", "EUC-JP (Japanese)"),
    ("korean", "euc_kr", "EUC-KR (Korean)"),
    ("german", "cp1252", "Windows-1252"),
    ("german", "mac_roman", "MAC-ROMAN (Mac Western)"),
    ("french", "cp1252", "Windows-1252"),
    ("french", "iso8859-15", "Windows-1252"),
    ("polish", "cp1250", "CP1250 (Central European)"),
    ("czech", "iso8859-2", "ISO-8859-2 (Central European)"),
    ("turkish", "cp1254", "CP1254 (Turkish)"),
    ("greek", "cp1253", "CP1253 (Greek)"),
    ("hebrew", "cp1255", "CP1255 (Hebrew)"),
    ("arabic", "cp1256", "CP1256 (Arabic)"),
]


@pytest.mark.parametrize(("language", "codec", "told"), WRITTEN)
def test_tables_of_pandas(tmp_path: Path, language: str, codec: str, told: str) -> None:
    texts = [f"{text} {number}" for number in range(6) for text in TEXTS[language]]
    labels = ["ab"[number % 2] for number in range(len(texts))]
    path = tmp_path / "t.csv"
    pandas.DataFrame({"text": texts, "label": labels}).to_csv(path, index=False, sep=";", encoding=codec)
    data = load(path)
    assert data.sources == texts
    assert data.notes[0] == f"t.csv: not UTF-8, read as {told}; if letters look wrong, save it as UTF-8."
    assert [item.source for item, _ in stream_table(path)] == texts  # type: ignore[union-attr]


@pytest.mark.skipif(shutil.which("iconv") is None, reason="needs iconv")
def test_files_of_iconv(tmp_path: Path) -> None:
    text = "text,label\n" + "".join(f'"{one}",{"ab"[n % 2]}\n' for n, one in enumerate(TEXTS["russian"] * 4))
    for name, codec in (("a.csv", "CP1251"), ("b.csv", "KOI8-R"), ("c.csv", "UTF-16"), ("d.csv", "UTF-32")):
        made = subprocess.run(
            ["iconv", "-f", "UTF-8", "-t", codec], input=text.encode(), capture_output=True, check=True
        )
        (tmp_path / name).write_bytes(made.stdout)
        assert load(tmp_path / name).sources == TEXTS["russian"] * 4


def test_letters_far_down_a_large_table(tmp_path: Path) -> None:
    rows = [f"plain words {number}" for number in range(9000)] + TEXTS["russian"]
    path = tmp_path / "t.csv"
    path.write_bytes(("text\n" + "\n".join(f'"{row}"' for row in rows) + "\n").encode("cp1251"))
    assert path.stat().st_size > 1 << 17
    assert [item.source for item, _ in stream_table(path)] == rows  # type: ignore[union-attr]


def test_short_files_are_told_by_all_of_them_together(tmp_path: Path) -> None:
    words = "да нет хорошо плохо товар очень".split()
    for number, word in enumerate(words):
        path = tmp_path / "ab"[number % 2] / f"{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(word.encode("cp1251"))
    data = load(tmp_path)
    assert sorted(data.sources) == sorted(words)
    assert len(data.notes) == 1
    assert "a/0.txt and 5 more: not UTF-8, read as CP1251 (Cyrillic)" in data.notes[0]
    examples, _, _ = gather([tmp_path], "text")
    assert sorted(str(example.source) for example in examples) == sorted(words)


def test_damage_is_told_from_another_encoding() -> None:
    assert find([b"plain"]).note == ""
    assert find(["Ärger über".encode(), b" \xff"]).note == "1 damaged characters; save it again as UTF-8"
    assert find([b"\xc3", b"\xa4rger"]).note == ""  # a letter cut in two by the pieces
