//! Patterns of routes as paths of the document.

/// A pattern as actix reads it, taken apart.
#[derive(Clone, Debug)]
pub(in crate::openapi) struct Pattern {
    /// `/api/v2/user/websites/{id}`
    pub(in crate::openapi) path: String,
    /// Each name with the expression that its value matches.
    pub(in crate::openapi) names: Vec<(String, String)>,
}

impl Pattern {
    /// Takes a pattern apart. Names may have expressions with braces of their own.
    pub(in crate::openapi) fn parse(pattern: &str) -> Self {
        let (mut path, mut names, mut rest) = (String::new(), Vec::new(), pattern);
        while let Some((before, after)) = rest.split_once('{') {
            let mut depth = 1_i32;
            let end = after.find(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                depth == 0
            });
            let (inner, behind) = after.split_at_checked(end.unwrap_or(after.len())).unwrap_or((after, ""));
            let (name, expression) = inner.split_once(':').unwrap_or((inner, "[^/]+"));
            path = path + before + "{" + name + "}";
            names.push((name.to_owned(), expression.to_owned()));
            rest = behind.strip_prefix('}').unwrap_or(behind);
        }
        Self { path: path + rest, names }
    }
}
