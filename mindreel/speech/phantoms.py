"""Phrases Whisper learnt from the ends of videos and writes where nobody speaks."""

# ruff: noqa: E501, RUF001 - phrases in their own scripts, one table

import re

from mindreel.speech.words import spoken

_WHOLE = frozenset(
    spoken(phrase)
    for phrase in (
        "you", "bye", "bye bye", "thank you", "thank you very much", "thank you so much", "thanks for watching",
        "thank you for watching", "thank you for listening", "thanks for listening", "please subscribe",
        "see you next time", "see you in the next video", "i'll see you in the next video", "the end", "music",
        "like and subscribe", "don't forget to like and subscribe", "please subscribe to my channel",
        "so", "okay", "silence", "applause", "subtitles", "foreign",
        "vielen dank", "vielen dank fürs zuschauen", "danke fürs zuschauen", "bis zum nächsten mal", "tschüss",
        "merci d'avoir regardé cette vidéo", "merci d'avoir regardé", "merci", "abonnez-vous",
        "gracias por ver el video", "gracias por ver", "gracias", "suscríbete al canal", "¡suscríbete!",
        "obrigado por assistir", "obrigado", "grazie per aver guardato", "grazie per la visione",
        "grazie a tutti", "dank je wel", "bedankt voor het kijken", "tack för att ni tittade",
        "dziękuję za uwagę", "dziękuję za obejrzenie", "děkuji za pozornost", "izlediğiniz için teşekkür ederim",
        "спасибо за просмотр", "продолжение следует", "до новых встреч", "дякую за перегляд",
        "شكرا للمشاهدة", "شكرا", "देखने के लिए धन्यवाद", "धन्यवाद",
        "ご視聴ありがとうございました", "ご清聴ありがとうございました", "ありがとうございました", "おわり",
        "谢谢", "謝謝", "谢谢观看", "謝謝觀看", "感谢观看", "感謝觀看", "谢谢大家", "請不吝點贊訂閱轉發打賞支持明鏡與點點欄目",
        "请不吝点赞订阅转发打赏支持明镜与点点栏目", "시청해주셔서 감사합니다", "감사합니다", "구독과 좋아요",
        "musik", "musique", "música", "musica", "muzyka", "музыка", "музика", "müzik", "موسيقى", "音楽", "音乐", "音樂", "음악",
        "laughter", "lachen", "rires", "risas", "смех", "applaus", "applaudissements", "aplausos", "applausi",
        "аплодисменты", "拍手", "掌声", "박수",
        "thanks", "thank you for watching and see you next time", "thank you for watching this video",
        "thanks for watching and i'll see you in the next video", "don't forget to subscribe", "see you next week",
        "bis bald", "auf wiedersehen", "abonniert den kanal", "danke", "à bientôt", "à la prochaine",
        "n'oubliez pas de vous abonner", "merci beaucoup", "hasta la próxima", "muchas gracias",
        "muchas gracias por ver el video", "gracias por su atención", "inscreva-se no canal", "até a próxima",
        "iscrivetevi al canale", "grazie", "alla prossima", "tot de volgende keer", "dank u wel",
        "bedankt voor het kijken en tot de volgende keer", "tak fordi du så med", "takk for at du så på",
        "takk for att du så med", "tack för att du tittade", "kiitos katsomisesta", "kiitos kun katsoit",
        "dziękuję", "dziękuję za oglądanie", "dzięki za oglądanie", "děkuji", "ďakujem za pozornosť",
        "köszönöm hogy megnézted", "köszönöm a figyelmet", "vă mulțumim pentru vizionare",
        "mulțumesc pentru vizionare", "hvala na gledanju", "hvala što pratite kanal", "благодаря за гледането",
        "спасибо", "спасибо за внимание", "подписывайтесь на канал", "подпишись на канал", "субтитры",
        "дякую", "підписуйтесь на канал", "ευχαριστώ που παρακολουθήσατε", "ευχαριστώ", "abone olmayı unutmayın",
        "teşekkür ederim", "teşekkürler", "اشتركوا في القناة", "شكرا لكم", "شكرا على المشاهدة",
        "ممنون که تماشا کردید", "תודה רבה", "תודה שצפיתם", "cảm ơn các bạn đã theo dõi",
        "cảm ơn các bạn đã xem video", "terima kasih telah menonton", "terima kasih", "ขอบคุณที่รับชม", "ขอบคุณครับ",
        "チャンネル登録をお願いします", "最後までご視聴いただきありがとうございます", "次回予告", "またね",
        "我们下期再见", "我們下期再見", "下期再见", "再见", "优优独播剧场", "優優獨播劇場", "明鏡需要您的支持歡迎訂閱明鏡",
        "다음 영상에서 만나요", "끝까지 시청해주셔서 감사합니다", "고맙습니다", "구독과 좋아요 부탁드립니다",
    )
)  # fmt: skip

_PATTERNS = re.compile(
    r"^\W*(?:"
    r"(?:sub(?:titles?|titled|titling)|captions?|captioned|transcri(?:bed|ption)|translated) (?:by|provided by)\b"
    r"|untertitel(?:ung)?\b.*\b(?:von|im auftrag|der|zdf|ard|swr|ndr|br|wdr|funk|amara)\b"
    r"|(?:copyright|©)\W*(?:wdr|swr|ndr|zdf|australian|\d{4})|(?:swr|wdr|ndr|zdf|tv gelderland) (?:19|20)\d\d\b"
    r"|sous-titr(?:es|age)\b|subtítulos (?:realizados )?por\b|(?:transcrição e )?legendas? (?:pela|por|de|pedro)\b"
    r"|sottotitoli (?:creati |e revisione )?(?:dalla|a cura|di)\b|ondertitel(?:ing|d|s)\b|titulky\b|napisy\b"
    r"|zdjęcia i napisy\b|undertexter\b|textning\b|undertekster\b|danske tekster\b|tekstet av\b|tekstitys\b"
    r"|altyazı\b|субтитры\b|субтитри\b|редактор субтитров\b|корректор\b|υπότιτλοι\b"
    r"|ترجمة (?:نانسي|و)|زیرنویس|phụ đề\b|hãy subscribe cho kênh\b"
    r"|字幕|中文字幕|자막|翻訳|한글\W*자막|mbc 뉴스"
    r"|(?:.*\s)?(?:www\.|https?://)\S+\W*$"
    r"|.*amara\.org\b|.*\botter\.ai\b|.*\bcastingwords\b|.*\bbtistudios\b|.*\bdimatorzok\b"
    r")",
    re.IGNORECASE,
)


def is_phantom(text: str) -> bool:
    """True for a text that is often invented; whether it was said, only the audio can tell (see `evidence`)."""
    return spoken(text) in _WHOLE or _PATTERNS.match(text) is not None
