//! The files that all pages load: the style sheet, the scripts, the icon. They are part of the program.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// A file and its type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asset {
    /// Its address.
    pub(super) path: &'static str,
    kind: &'static str,
    text: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// The style sheet, in the order in which its rules count.
const STYLE: &str = concat!(
    include_str!("page/style/base.css"),
    include_str!("page/style/list.css"),
    include_str!("page/style/character.css"),
    include_str!("page/style/run.css"),
    include_str!("page/style/wide.css"),
    include_str!("page/style/forced.css"),
    include_str!("page/style/print.css"),
);

const ICON: &str = include_str!("page/icon.svg");

/// All files. Each script is a module that loads the others that it needs.
pub(super) const ASSETS: [Asset; 10] = [
    asset("/view.css", CSS, STYLE),
    asset("/icon.svg", SVG, ICON),
    // Where a browser looks by itself.
    asset("/favicon.ico", SVG, ICON),
    script("/view.js", include_str!("page/script/view.js")),
    script("/parts.js", include_str!("page/script/parts.js")),
    script("/notices.js", include_str!("page/script/notices.js")),
    script("/times.js", include_str!("page/script/times.js")),
    script("/list.js", include_str!("page/script/list.js")),
    script("/keys.js", include_str!("page/script/keys.js")),
    script("/events.js", include_str!("page/script/events.js")),
];

const fn asset(path: &'static str, kind: &'static str, text: &'static str) -> Asset {
    Asset { path, kind, text }
}

const fn script(path: &'static str, text: &'static str) -> Asset {
    asset(path, JAVASCRIPT, text)
}

impl IntoResponse for Asset {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, self.kind)], self.text).into_response()
    }
}
