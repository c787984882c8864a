//! Command lines as they stand in documents and in `--help`, and what the program says to them.

use std::ffi::OsString;

use clap::error::ErrorKind;
use steward::cli;

/// The commands of a script, each as its words: quotes are taken off, comments and redirections left out.
pub fn commands(script: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut characters = script.chars().peekable();
    while let Some(&next) = characters.peek() {
        match next {
            '#' => while characters.next_if(|c| *c != '\n').is_some() {},
            '\n' | ';' | '|' | '&' => {
                characters.next();
                commands.push(Vec::new());
            }
            c if c.is_whitespace() => drop(characters.next()),
            _ => {
                let word = word(&mut characters);
                if !word.is_empty() {
                    commands.last_mut().expect("the last command").push(word);
                }
            }
        }
    }
    commands.into_iter().map(without_redirections).filter(|command| !command.is_empty()).collect()
}

fn word(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut word = String::new();
    let mut quote = None;
    while let Some(&next) = characters.peek() {
        match (next, quote) {
            ('\\', None | Some('"')) => {
                characters.next();
                // The end of a line goes on in the next one.
                word.extend(characters.next().filter(|escaped| *escaped != '\n'));
                continue;
            }
            ('"' | '\'', None) => quote = Some(next),
            (c, Some(open)) if c == open => quote = None,
            (c, None) if c.is_whitespace() || ";|&".contains(c) && !word.ends_with('>') => break,
            (c, _) => word.push(c),
        }
        characters.next();
    }
    assert_eq!(quote, None, "a quote that does not end: {word}");
    word
}

fn without_redirections(words: Vec<String>) -> Vec<String> {
    let is_redirection =
        |word: &str| word.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['<', '>']);
    let mut kept = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if !is_redirection(&word) {
            kept.push(word);
        } else if word.ends_with(['<', '>']) {
            words.next();
        }
    }
    kept
}

/// The words of `steward …` in a command, behind what runs it: variables, `sudo -u steward`, `cargo run --`.
pub fn of_steward(command: &[String]) -> Option<Vec<String>> {
    let is_the_program = |word: &String| word == "steward" || word.ends_with("/steward");
    let in_cargo = |words: &[String]| words.starts_with(&["cargo".to_owned(), "run".to_owned()]);
    let begins = command.iter().position(|word| !is_assignment(word))?;
    let words = &command[begins..];
    if in_cargo(words) {
        let end = words.iter().position(|word| word == "--")?;
        return Some([&["steward".to_owned()][..], &words[end + 1..]].concat());
    }
    let runs_another = ["sudo", "systemd-run", "runuser", "podman"].contains(&words[0].as_str());
    let place = if runs_another { words.iter().rposition(is_the_program)? } else { 0 };
    is_the_program(&words[place]).then(|| words[place..].to_vec())
}

/// Whether it is `NAME=value`.
pub fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
}

/// Parses a line of the program's; what stands for something else is given a value.
pub fn parse(words: &[String]) -> Result<(), String> {
    let line: Vec<OsString> = words.iter().map(OsString::from).collect();
    match cli::parse(line) {
        Ok(_) => Ok(()),
        Err(e) if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => Ok(()),
        Err(e) => Err(format!("{words:?}: {e}")),
    }
}
