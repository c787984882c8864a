//! Time zones by the names that clients send: those of Rails, and those of the tz database.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Offset as _, TimeZone as _, Utc};
use chrono_tz::{OffsetName as _, Tz};

/// Finds a zone by a name of Rails (`Auckland`) or of the tz database (`Pacific/Auckland`).
#[must_use]
pub fn find(name: &str) -> Option<Tz> {
    match RAILS.binary_search_by_key(&name, |(rails, _)| rails) {
        Ok(at) => RAILS.get(at).map(|(_, zone)| *zone),
        Err(_) => name.parse().ok(),
    }
}

/// How far a zone is from UTC at a moment, in seconds.
#[must_use]
pub fn offset(zone: Tz, moment: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc()
}

/// Whether a zone is that far from UTC on some day of the year of a moment.
#[must_use]
pub fn has_offset(zone: Tz, seconds: i32, moment: DateTime<Utc>) -> bool {
    let first = NaiveDate::from_ymd_opt(moment.year(), 1, 1).unwrap_or_default();
    let days = first.iter_days().take_while(|day| day.year() == moment.year());
    days.into_iter().any(|day| offset(zone, day.and_time(NaiveTime::MIN).and_utc()) == seconds)
}

/// A moment in a zone as Rails writes it: whole seconds and the offset, `Z` where the zone is UTC itself.
#[must_use]
pub fn local_text(moment: DateTime<Utc>, zone: Tz) -> String {
    let local = zone.from_utc_datetime(&moment.naive_utc());
    let text = local.format("%Y-%m-%dT%H:%M:%S");
    // London in winter is +00:00, only UTC itself is Z.
    match local.offset().abbreviation() {
        Some("UTC") => format!("{text}Z"),
        _ => format!("{text}{}", local.offset().fix()),
    }
}

/// Rails' names of zones, sorted by bytes.
pub const RAILS: &[(&str, Tz)] = &[
    ("Abu Dhabi", Tz::Asia__Muscat),
    ("Adelaide", Tz::Australia__Adelaide),
    ("Alaska", Tz::America__Juneau),
    ("Almaty", Tz::Asia__Almaty),
    ("American Samoa", Tz::Pacific__Pago_Pago),
    ("Amsterdam", Tz::Europe__Amsterdam),
    ("Arizona", Tz::America__Phoenix),
    ("Astana", Tz::Asia__Almaty),
    ("Asuncion", Tz::America__Asuncion),
    ("Athens", Tz::Europe__Athens),
    ("Atlantic Time (Canada)", Tz::America__Halifax),
    ("Auckland", Tz::Pacific__Auckland),
    ("Azores", Tz::Atlantic__Azores),
    ("Baghdad", Tz::Asia__Baghdad),
    ("Baku", Tz::Asia__Baku),
    ("Bangkok", Tz::Asia__Bangkok),
    ("Beijing", Tz::Asia__Shanghai),
    ("Belgrade", Tz::Europe__Belgrade),
    ("Berlin", Tz::Europe__Berlin),
    ("Bern", Tz::Europe__Zurich),
    ("Bogota", Tz::America__Bogota),
    ("Brasilia", Tz::America__Sao_Paulo),
    ("Bratislava", Tz::Europe__Bratislava),
    ("Brisbane", Tz::Australia__Brisbane),
    ("Brussels", Tz::Europe__Brussels),
    ("Bucharest", Tz::Europe__Bucharest),
    ("Budapest", Tz::Europe__Budapest),
    ("Buenos Aires", Tz::America__Argentina__Buenos_Aires),
    ("Cairo", Tz::Africa__Cairo),
    ("Canberra", Tz::Australia__Canberra),
    ("Cape Verde Is.", Tz::Atlantic__Cape_Verde),
    ("Caracas", Tz::America__Caracas),
    ("Casablanca", Tz::Africa__Casablanca),
    ("Central America", Tz::America__Guatemala),
    ("Central Time (US & Canada)", Tz::America__Chicago),
    ("Chatham Is.", Tz::Pacific__Chatham),
    ("Chennai", Tz::Asia__Kolkata),
    ("Chihuahua", Tz::America__Chihuahua),
    ("Chongqing", Tz::Asia__Chongqing),
    ("Copenhagen", Tz::Europe__Copenhagen),
    ("Darwin", Tz::Australia__Darwin),
    ("Dhaka", Tz::Asia__Dhaka),
    ("Dublin", Tz::Europe__Dublin),
    ("Eastern Time (US & Canada)", Tz::America__New_York),
    ("Edinburgh", Tz::Europe__London),
    ("Ekaterinburg", Tz::Asia__Yekaterinburg),
    ("Fiji", Tz::Pacific__Fiji),
    ("Georgetown", Tz::America__Guyana),
    ("Greenland", Tz::America__Godthab),
    ("Guadalajara", Tz::America__Mexico_City),
    ("Guam", Tz::Pacific__Guam),
    ("Hanoi", Tz::Asia__Bangkok),
    ("Harare", Tz::Africa__Harare),
    ("Hawaii", Tz::Pacific__Honolulu),
    ("Helsinki", Tz::Europe__Helsinki),
    ("Hobart", Tz::Australia__Hobart),
    ("Hong Kong", Tz::Asia__Hong_Kong),
    ("Indiana (East)", Tz::America__Indiana__Indianapolis),
    ("International Date Line West", Tz::Etc__GMTPlus12),
    ("Irkutsk", Tz::Asia__Irkutsk),
    ("Islamabad", Tz::Asia__Karachi),
    ("Istanbul", Tz::Europe__Istanbul),
    ("Jakarta", Tz::Asia__Jakarta),
    ("Jerusalem", Tz::Asia__Jerusalem),
    ("Kabul", Tz::Asia__Kabul),
    ("Kaliningrad", Tz::Europe__Kaliningrad),
    ("Kamchatka", Tz::Asia__Kamchatka),
    ("Karachi", Tz::Asia__Karachi),
    ("Kathmandu", Tz::Asia__Kathmandu),
    ("Kolkata", Tz::Asia__Kolkata),
    ("Krasnoyarsk", Tz::Asia__Krasnoyarsk),
    ("Kuala Lumpur", Tz::Asia__Kuala_Lumpur),
    ("Kuwait", Tz::Asia__Kuwait),
    ("Kyiv", Tz::Europe__Kiev),
    ("La Paz", Tz::America__La_Paz),
    ("Lima", Tz::America__Lima),
    ("Lisbon", Tz::Europe__Lisbon),
    ("Ljubljana", Tz::Europe__Ljubljana),
    ("London", Tz::Europe__London),
    ("Madrid", Tz::Europe__Madrid),
    ("Magadan", Tz::Asia__Magadan),
    ("Marshall Is.", Tz::Pacific__Majuro),
    ("Mazatlan", Tz::America__Mazatlan),
    ("Melbourne", Tz::Australia__Melbourne),
    ("Mexico City", Tz::America__Mexico_City),
    ("Mid-Atlantic", Tz::Atlantic__South_Georgia),
    ("Midway Island", Tz::Pacific__Midway),
    ("Minsk", Tz::Europe__Minsk),
    ("Monrovia", Tz::Africa__Monrovia),
    ("Monterrey", Tz::America__Monterrey),
    ("Montevideo", Tz::America__Montevideo),
    ("Moscow", Tz::Europe__Moscow),
    ("Mountain Time (US & Canada)", Tz::America__Denver),
    ("Mumbai", Tz::Asia__Kolkata),
    ("Muscat", Tz::Asia__Muscat),
    ("Nairobi", Tz::Africa__Nairobi),
    ("New Caledonia", Tz::Pacific__Noumea),
    ("New Delhi", Tz::Asia__Kolkata),
    ("Newfoundland", Tz::America__St_Johns),
    ("Novosibirsk", Tz::Asia__Novosibirsk),
    ("Nuku'alofa", Tz::Pacific__Tongatapu),
    ("Osaka", Tz::Asia__Tokyo),
    ("Pacific Time (US & Canada)", Tz::America__Los_Angeles),
    ("Paris", Tz::Europe__Paris),
    ("Perth", Tz::Australia__Perth),
    ("Port Moresby", Tz::Pacific__Port_Moresby),
    ("Prague", Tz::Europe__Prague),
    ("Pretoria", Tz::Africa__Johannesburg),
    ("Puerto Rico", Tz::America__Puerto_Rico),
    ("Quito", Tz::America__Lima),
    ("Rangoon", Tz::Asia__Rangoon),
    ("Riga", Tz::Europe__Riga),
    ("Riyadh", Tz::Asia__Riyadh),
    ("Rome", Tz::Europe__Rome),
    ("Samara", Tz::Europe__Samara),
    ("Samoa", Tz::Pacific__Apia),
    ("Santiago", Tz::America__Santiago),
    ("Sapporo", Tz::Asia__Tokyo),
    ("Sarajevo", Tz::Europe__Sarajevo),
    ("Saskatchewan", Tz::America__Regina),
    ("Seoul", Tz::Asia__Seoul),
    ("Singapore", Tz::Asia__Singapore),
    ("Skopje", Tz::Europe__Skopje),
    ("Sofia", Tz::Europe__Sofia),
    ("Solomon Is.", Tz::Pacific__Guadalcanal),
    ("Srednekolymsk", Tz::Asia__Srednekolymsk),
    ("Sri Jayawardenepura", Tz::Asia__Colombo),
    ("St. Petersburg", Tz::Europe__Moscow),
    ("Stockholm", Tz::Europe__Stockholm),
    ("Sydney", Tz::Australia__Sydney),
    ("Taipei", Tz::Asia__Taipei),
    ("Tallinn", Tz::Europe__Tallinn),
    ("Tashkent", Tz::Asia__Tashkent),
    ("Tbilisi", Tz::Asia__Tbilisi),
    ("Tehran", Tz::Asia__Tehran),
    ("Tijuana", Tz::America__Tijuana),
    ("Tokelau Is.", Tz::Pacific__Fakaofo),
    ("Tokyo", Tz::Asia__Tokyo),
    ("UTC", Tz::Etc__UTC),
    ("Ulaanbaatar", Tz::Asia__Ulaanbaatar),
    ("Urumqi", Tz::Asia__Urumqi),
    ("Vienna", Tz::Europe__Vienna),
    ("Vilnius", Tz::Europe__Vilnius),
    ("Vladivostok", Tz::Asia__Vladivostok),
    ("Volgograd", Tz::Europe__Volgograd),
    ("Warsaw", Tz::Europe__Warsaw),
    ("Wellington", Tz::Pacific__Auckland),
    ("West Central Africa", Tz::Africa__Algiers),
    ("Yakutsk", Tz::Asia__Yakutsk),
    ("Yerevan", Tz::Asia__Yerevan),
    ("Zagreb", Tz::Europe__Zagreb),
    ("Zurich", Tz::Europe__Zurich),
];
