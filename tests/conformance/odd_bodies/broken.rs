//! Bodies that are no JSON, or JSON in which something would be lost.

use serde_json::Value;

/// Bodies made from a document that would be taken, with their names.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
pub(super) fn bodies(document: &Value) -> Vec<(String, Vec<u8>)> {
    let text = document.to_string();
    let mut bodies: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, body: Vec<u8>| bodies.push((name.to_owned(), body));
    for whole in [
        "",
        " ",
        "\n\t",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "nul",
        "tru",
        "NaN",
        "Infinity",
        "undefined",
        "'x'",
        "{]",
        "[}",
        "{}{}",
        "{},",
        ",",
        ":",
        "{:}",
        "{\"data\"}",
        "{\"data\":}",
        "{\"data\":,}",
        "{data:{}}",
        "{'data':{}}",
        "<xml/>",
        "data[type]=users",
        "--x\r\n",
        "\u{feff}",
        "%7B%7D",
        "()",
        "function(){}",
        "\\",
        "\0",
    ] {
        add(&format!("the text {whole:?}"), whole.into());
    }
    add("a byte order mark before it", [b"\xef\xbb\xbf", text.as_bytes()].concat());
    for (name, more) in [
        ("a comma", ","),
        ("a brace", "}"),
        ("a second document", "{}"),
        ("itself", text.as_str()),
        ("a NUL", "\0"),
        ("a comment", "// x"),
        ("a semicolon", ";"),
        ("a no-break space", "\u{a0}"),
    ] {
        add(&format!("{name} behind it"), format!("{text}{more}").into());
    }
    let utf16: Vec<u16> = text.encode_utf16().collect();
    add("UTF-16", utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect());
    add("UTF-16, the other way", utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect());
    add("UTF-32", text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect());
    // Put in as the value of an attribute that nobody knows, and as its name.
    let (head, rest) = text.split_once("\"attributes\":{").expect("attributes");
    let with = |name: &[u8], value: &[u8]| -> Vec<u8> {
        let parts = [head.as_bytes(), b"\"attributes\":{", name, b":", value, b",", rest.as_bytes()];
        parts.concat()
    };
    for bytes in [
        &b"\xff"[..],
        b"\xfe",
        b"\x80",
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe0\x80\x80",
        b"\xed\xa0\x80",
        b"\xed\xb0\x80",
        b"\xf0\x80\x80\x80",
        b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\xc3",
        b"\xe2\x82",
        b"\xf0\x9f\xa6",
    ] {
        let quoted = [b"\"", bytes, b"\""].concat();
        add(&format!("bytes {bytes:x?} in a value"), with(b"\"odd\"", &quoted));
        add(&format!("bytes {bytes:x?} in a name"), with(&quoted, b"1"));
        add(&format!("bytes {bytes:x?} before it"), [bytes, text.as_bytes()].concat());
    }
    for string in [
        r"\ud800",
        r"\udfff",
        r"\udc00\ud800",
        r"\ud800x",
        r"\ud83e\u0041",
        r"\u0000",
        r"\x41",
        r"\u12",
        r"\u12g4",
        r"\a",
        r"\'",
        r"\",
        "\n",
        "\t",
        "\r",
        "\0",
        "\u{1}",
        "\u{1f}",
    ] {
        let quoted = format!("\"{string}\"");
        add(&format!("the string {string:?} as a value"), with(b"\"odd\"", quoted.as_bytes()));
        add(&format!("the string {string:?} as a name"), with(quoted.as_bytes(), b"1"));
    }
    for value in [
        "NaN",
        "Infinity",
        "-Infinity",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "-",
        "--1",
        "1e",
        "1e+",
        "0x1F",
        "1_000",
        "1,5",
        "1e999",
        "-1e999",
        "1e400",
        "True",
        "FALSE",
        "Null",
        "nil",
        "None",
        "undefined",
        "'x'",
        "x",
        "{a:1}",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{1:2}",
        "{null:1}",
        "[1 2]",
        "/* x */ 1",
        "1 // x",
        "\"a\" \"b\"",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"b\":1}}",
        "[{\"x\":0,\"x\":0}]",
        "{\"a\":1,\"\\u0061\":2}",
        "",
    ] {
        add(&format!("the value {value}"), with(b"\"odd\"", value.as_bytes()));
    }
    add("a number of 400 digits", with(b"\"odd\"", "9".repeat(400).as_bytes()));
    for levels in [62, 65, 129, 1000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            add(&format!("{levels} levels of {open}"), with(b"\"odd\"", nested.as_bytes()));
        }
        add(&format!("{levels} brackets that are never closed"), "[".repeat(levels).into());
    }
    for (name, once, twice) in [
        ("data", "{\"data\":", "{\"data\":{},\"data\":"),
        ("type", "\"type\":", "\"type\":\"users\",\"type\":"),
        ("attributes", "\"attributes\":", "\"attributes\":{},\"attributes\":"),
        ("an attribute", "\"attributes\":{", "\"attributes\":{\"odd\":1,\"odd\":1,"),
        ("overwrite", "\"attributes\":{", "\"attributes\":{\"overwrite\":true,\"overwrite\":true,"),
        ("a member of meta", "{\"data\":", "{\"meta\":{\"a\":1,\"a\":1},\"data\":"),
        ("links", "{\"data\":", "{\"links\":{},\"links\":{},\"data\":"),
    ] {
        assert!(text.contains(once), "{once} is in {text}");
        add(&format!("{name} twice"), text.replacen(once, twice, 1).into());
    }
    for at in 1..text.len() {
        add(&format!("cut after {at} bytes"), text.as_bytes()[..at].into());
    }
    bodies
}
