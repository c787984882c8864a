//! Languages by their codes (BCP 47), with their names in English and in themselves as Unicode's CLDR has them, which is
//! where the original took its own from.

/// A language, of a region where it matters: how numbers and dates are written.
#[derive(Clone, Copy, Debug)]
pub struct Locale {
    /// Its code.
    pub code: &'static str,
    /// Its name in English.
    pub name: &'static str,
    /// Its name in itself.
    pub native_name: &'static str,
}

/// The codes of the languages that the clients of the field are translated into.
pub const LANGUAGES: [&str; 11] =
    ["ar", "de", "en-US", "es-419", "fr-FR", "id", "it", "ko", "ru", "th", "tr"];

/// The locale of a code; English where there is none.
#[must_use]
pub(super) fn find(code: &str) -> Locale {
    LOCALES.into_iter().find(|locale| locale.code == code).unwrap_or(ENGLISH)
}

const ENGLISH: Locale = locale("en", "English", "English");

const fn locale(code: &'static str, name: &'static str, native_name: &'static str) -> Locale {
    Locale { code, name, native_name }
}

/// The locales that can be chosen, by their codes.
pub const LOCALES: [Locale; 91] = [
    locale("af", "Afrikaans", "Afrikaans"),
    locale("ar", "Arabic", "العربية"),
    locale("az", "Azerbaijani", "azərbaycan"),
    locale("be", "Belarusian", "беларуская"),
    locale("bg", "Bulgarian", "български"),
    locale("bn", "Bangla", "বাংলা"),
    locale("bs", "Bosnian", "bosanski"),
    locale("ca", "Catalan", "català"),
    locale("cs", "Czech", "čeština"),
    locale("cy", "Welsh", "Cymraeg"),
    locale("da", "Danish", "dansk"),
    locale("de", "German", "Deutsch"),
    locale("de-AT", "Austrian German", "Österreichisches Deutsch"),
    locale("de-CH", "Swiss High German", "Schweizer Hochdeutsch"),
    locale("el", "Greek", "Ελληνικά"),
    ENGLISH,
    locale("en-AU", "Australian English", "Australian English"),
    locale("en-CA", "Canadian English", "Canadian English"),
    locale("en-GB", "British English", "British English"),
    locale("en-US", "American English", "American English"),
    locale("eo", "Esperanto", "esperanto"),
    locale("es", "Spanish", "español"),
    locale("es-419", "Latin American Spanish", "español latinoamericano"),
    locale("es-ES", "European Spanish", "español de España"),
    locale("es-MX", "Mexican Spanish", "español de México"),
    locale("et", "Estonian", "eesti"),
    locale("eu", "Basque", "euskara"),
    locale("fa", "Persian", "فارسی"),
    locale("fi", "Finnish", "suomi"),
    locale("fil", "Filipino", "Filipino"),
    locale("fr", "French", "français"),
    locale("fr-CA", "Canadian French", "français canadien"),
    locale("fr-CH", "Swiss French", "français suisse"),
    locale("fr-FR", "French (France)", "français (France)"),
    locale("ga", "Irish", "Gaeilge"),
    locale("gl", "Galician", "galego"),
    locale("gu", "Gujarati", "ગુજરાતી"),
    locale("he", "Hebrew", "עברית"),
    locale("hi", "Hindi", "हिन्दी"),
    locale("hr", "Croatian", "hrvatski"),
    locale("hu", "Hungarian", "magyar"),
    locale("hy", "Armenian", "հայերեն"),
    locale("id", "Indonesian", "Indonesia"),
    locale("is", "Icelandic", "íslenska"),
    locale("it", "Italian", "italiano"),
    locale("ja", "Japanese", "日本語"),
    locale("ka", "Georgian", "ქართული"),
    locale("kk", "Kazakh", "қазақ тілі"),
    locale("km", "Khmer", "ខ្មែរ"),
    locale("kn", "Kannada", "ಕನ್ನಡ"),
    locale("ko", "Korean", "한국어"),
    locale("lt", "Lithuanian", "lietuvių"),
    locale("lv", "Latvian", "latviešu"),
    locale("mk", "Macedonian", "македонски"),
    locale("ml", "Malayalam", "മലയാളം"),
    locale("mn", "Mongolian", "монгол"),
    locale("mr", "Marathi", "मराठी"),
    locale("ms", "Malay", "Melayu"),
    locale("my", "Burmese", "မြန်မာ"),
    locale("nb", "Norwegian Bokmål", "norsk bokmål"),
    locale("ne", "Nepali", "नेपाली"),
    locale("nl", "Dutch", "Nederlands"),
    locale("nl-BE", "Flemish", "Vlaams"),
    locale("nn", "Norwegian Nynorsk", "norsk nynorsk"),
    locale("pa", "Punjabi", "ਪੰਜਾਬੀ"),
    locale("pl", "Polish", "polski"),
    locale("pt", "Portuguese", "português"),
    locale("pt-BR", "Brazilian Portuguese", "português (Brasil)"),
    locale("pt-PT", "European Portuguese", "português europeu"),
    locale("ro", "Romanian", "română"),
    locale("ru", "Russian", "русский"),
    locale("si", "Sinhala", "සිංහල"),
    locale("sk", "Slovak", "slovenčina"),
    locale("sl", "Slovenian", "slovenščina"),
    locale("sq", "Albanian", "shqip"),
    locale("sr", "Serbian", "српски"),
    locale("sv", "Swedish", "svenska"),
    locale("sw", "Swahili", "Kiswahili"),
    locale("ta", "Tamil", "தமிழ்"),
    locale("te", "Telugu", "తెలుగు"),
    locale("th", "Thai", "ไทย"),
    locale("tr", "Turkish", "Türkçe"),
    locale("uk", "Ukrainian", "українська"),
    locale("ur", "Urdu", "اردو"),
    locale("uz", "Uzbek", "o‘zbek"),
    locale("vi", "Vietnamese", "Tiếng Việt"),
    locale("xh", "Xhosa", "isiXhosa"),
    locale("zh", "Chinese", "中文"),
    locale("zh-Hans", "Simplified Chinese", "简体中文"),
    locale("zh-Hant", "Traditional Chinese", "繁體中文"),
    locale("zu", "Zulu", "isiZulu"),
];
