from __future__ import annotations

import pytest

from headstart.data.languages import language_of_text, languages_of

# As people write to a shop or a town hall, a sentence each.
TEXTS = {
    "en": ["The delivery was late and the box was open.", "Where can I return this item?"],
    "de": ["Die Lieferung kam zu spät und der Karton war offen.", "Wo kann ich das zurückgeben?",
           "Ich möchte mein Geld zurück."],
    "fr": ["La livraison est arrivée en retard et le carton était ouvert.", "Où puis-je rendre ceci ?"],
    "es": ["El envío llegó tarde y la caja estaba abierta.", "¿Dónde puedo devolver este artículo?"],
    "it": ["La consegna è arrivata in ritardo e la scatola era aperta.", "Dove posso restituire questo?"],
    "pt": ["A entrega chegou atrasada e a caixa estava aberta.", "Onde posso devolver o artigo? Não serve."],
    "nl": ["De levering was te laat en de doos was open.", "Waar kan ik dit artikel terugbrengen?"],
    "pl": ["Dostawa była spóźniona i pudełko było otwarte.", "Gdzie mogę to zwrócić? Nie jest dobre."],
    "tr": ["Teslimat çok geç geldi ve kutu açıktı.", "Bu ürünü nasıl iade edebilirim ve ne kadar sürer?"],
    "sv": ["Leveransen var sen och lådan var öppen.", "Var kan jag lämna tillbaka det här?"],
    "ja": ["配達が遅く、箱が開いていました。", "この商品はどこに返品できますか？"],
    "zh": ["送货迟到了，箱子也打开了。", "我在哪里可以退货？"],
    "ko": ["배송이 늦었고 상자가 열려 있었습니다.", "이 상품은 어디에서 반품할 수 있나요?"],
    "ru": ["Доставка опоздала, и коробка была открыта.", "Где я могу вернуть этот товар?"],
    "uk": ["Доставка запізнилася, і коробка була відкрита.", "Де я можу повернути цей товар?"],
    "ar": ["تأخر التسليم وكان الصندوق مفتوحا.", "أين يمكنني إرجاع هذا المنتج؟"],
    "el": ["Η παράδοση άργησε και το κουτί ήταν ανοιχτό."],
    "he": ["המשלוח איחר והקופסה הייתה פתוחה."],
    "th": ["การจัดส่งล่าช้าและกล่องเปิดอยู่"],
    "hi": ["डिलीवरी देर से हुई और डिब्बा खुला था।"],
}  # fmt: skip


@pytest.mark.parametrize("code", TEXTS)
def test_a_few_sentences_tell_their_language(code: str) -> None:
    found = languages_of(TEXTS[code])
    assert found.main == code
    assert found.counted == (code,)
    assert found.english == (code == "en")


def test_names_and_codes_tell_nothing_and_pass_for_english() -> None:
    found = languages_of(["LG OLED55 C2", "A4-2000/x", "1234", "", "Bosch GSR 18V"])
    assert found.counted == ()
    assert found.english


def test_short_texts_tell_together() -> None:
    assert language_of_text("Druckerpapier weiß") == ""
    words = ["Papier für den Drucker", "Stift", "Kleber", "Schere mit Griff", "Heft", "Ordner und Register"]
    assert languages_of(words).main == "de"


def test_latin_letters_with_many_marks_are_no_english() -> None:
    told = languages_of(
        ["Þjónustan bættist þegar kassinn opnaðist síðdegis, líklega óvart, vegna þéttra bréfa"]
    )
    assert told.counted == ("other",)
    assert not told.english


def test_two_languages_are_both_counted_and_a_stray_text_is_not() -> None:
    assert languages_of(5 * TEXTS["de"] + 5 * TEXTS["en"]).counted == ("de", "en")
    mostly = languages_of(10 * TEXTS["en"] + TEXTS["fr"][:1])
    assert mostly.counted == ("en",)
    assert mostly.english


def test_foreign_words_in_a_japanese_sentence_do_not_count() -> None:
    assert language_of_text("PackageはPython 3.11のLibraryです。 Documentation installをしてください") == "ja"
    assert language_of_text("Geeqie 是一个图像文件浏览器 image viewer") == "zh"
