//! What the hub says in a client's thread about an emergency, beside the crisis resources. In English and Spanish. Never
//! promises that somebody comes: it says what has happened.

use crate::language::is_spanish;

/// Something that has happened.
#[derive(Clone, Copy, Debug)]
pub enum Said<'a> {
    /// Somebody has it.
    Acknowledged { name: &'a str },
    /// Everybody was called, and nobody came. With the practice's telephone, if it has one for this.
    Exhausted { phone: Option<&'a str> },
}

impl Said<'_> {
    /// In words; other languages get English.
    pub fn in_words(self, language: &str) -> String {
        let spanish = is_spanish(language);
        match (self, spanish) {
            (Self::Acknowledged { name }, false) => {
                format!("{name} has been alerted, has your message, and will answer you here or call you.")
            }
            (Self::Acknowledged { name }, true) => {
                format!("{name} ha recibido el aviso, tiene su mensaje y le responderá aquí o le llamará.")
            }
            (Self::Exhausted { phone }, false) => {
                let call = phone.map_or_else(String::new, |phone| format!(" Call your practice at {phone}."));
                format!(
                    "Everybody at your practice was called, and nobody has answered yet. Do not wait for us.{call} If \
                     you may be in danger, use the numbers that were given to you here: they answer at any hour."
                )
            }
            (Self::Exhausted { phone }, true) => {
                let call = phone.map_or_else(String::new, |phone| format!(" Llame a su consultorio al {phone}."));
                format!(
                    "Hemos llamado a todo el equipo de su consultorio y nadie ha respondido todavía. No nos espere.{call} \
                     Si puede estar en peligro, use los números que le dimos aquí: responden a cualquier hora."
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_names_the_person_and_the_telephone_in_both_languages() {
        for language in ["en", "es", "es-MX", "de", ""] {
            assert!(Said::Acknowledged { name: "Maya Levin" }.in_words(language).contains("Maya Levin"));
            let said = Said::Exhausted { phone: Some("+15125550100") }.in_words(language);
            assert!(said.contains("+15125550100"), "{said}");
            assert!(!Said::Exhausted { phone: None }.in_words(language).contains("  "));
        }
        assert!(Said::Exhausted { phone: None }.in_words("es-MX").starts_with("Hemos"));
    }
}
