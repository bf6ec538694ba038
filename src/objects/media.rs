//! What files may be: the list of those that are kept, by their content and never by what their sender calls them.
//! Knows no SVG, no HTML, nothing that runs.

/// A kind of file that is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Media {
    Pdf,
    Png,
    Jpeg,
    Gif,
    Webp,
    Text,
    Docx,
    Xlsx,
    Pptx,
}

impl Media {
    const ALL: [Self; 9] =
        [Self::Pdf, Self::Png, Self::Jpeg, Self::Gif, Self::Webp, Self::Text, Self::Docx, Self::Xlsx, Self::Pptx];

    /// What to say of everything else.
    pub const KEPT: &str = "Files can be PDF, pictures (PNG, JPEG, GIF, WebP), plain text, and Word, Excel or PowerPoint \
        documents without macros. Save it as one of these and try again.";

    /// As stored and as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Text => "text/plain",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        }
    }

    /// Reads what `as_str` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|media| media.as_str() == text)
    }

    /// The value of `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            other => other.as_str(),
        }
    }

    /// How names of such files end; the first one is put on where none of them fits.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
            Self::Text => &["txt", "csv", "md", "log", "text"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
        }
    }

    /// Whether it is a picture.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }

    /// Whether browsers show it without running anything in it.
    pub fn is_shown_inline(self) -> bool {
        self.is_picture() || self == Self::Pdf
    }

    pub(super) fn is_archive(self) -> bool {
        matches!(self, Self::Docx | Self::Xlsx | Self::Pptx)
    }
}
