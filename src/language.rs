//! Which of the two languages that Carehub speaks somebody reads.

/// Whether somebody reads Spanish; everybody else gets English. `tag`: theirs, such as `es` or `es-MX` (BCP 47).
pub fn is_spanish(tag: &str) -> bool {
    tag.split(['-', '_']).next().is_some_and(|code| code.eq_ignore_ascii_case("es"))
}

/// The months in Spanish, January first.
pub const SPANISH_MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

#[cfg(test)]
mod tests {
    #[test]
    fn spanish_of_any_country_is_spanish_and_nothing_else() {
        assert!(["es", "es-MX", "ES", "es_US"].into_iter().all(super::is_spanish));
        assert!(!["", "en", "e", "est", "en-ES"].into_iter().any(super::is_spanish));
    }
}
