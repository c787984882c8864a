//! Names of parameters: families (K84) and the member names inside their brackets (K48).

/// A parameter's name, taken apart: `base`, `base[]`, `base[name]`, `base[a.b]`, `base[a][b]`.
pub(super) struct Name<'a> {
    pub(super) base: &'a str,
    /// What each pair of brackets holds; empty, a member name, or several with dots between.
    pub(super) members: Vec<&'a str>,
}

impl<'a> Name<'a> {
    /// Takes a decoded name apart; `None` where it is ill-formed.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        let (base, mut rest) = name.find('[').map_or(Some((name, "")), |at| name.split_at_checked(at))?;
        let mut members = Vec::new();
        while !rest.is_empty() {
            let (member, after) = rest.strip_prefix('[')?.split_once(']')?;
            if !member.is_empty() && !member.split('.').all(is_member_name) {
                return None;
            }
            members.push(member);
            rest = after;
        }
        is_member_name(base).then_some(Self { base, members })
    }
}

/// Whether a text is a member name of JSON:API (K48).
pub(super) fn is_member_name(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
    text.starts_with(edge)
        && text.ends_with(edge)
        && text.chars().all(|c| edge(c) || matches!(c, '-' | '_' | ' '))
}
