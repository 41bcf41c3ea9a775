//! The templates of description and prompt, compiled; their columns are not looked up yet.

use super::template::Template;
use super::template_kind::TemplateKind;
use super::{Options, SheetError};

/// The templates of description and prompt.
pub(super) struct Templates {
    pub(super) description: Option<Template>,
    pub(super) prompt: Option<Template>,
}

impl Templates {
    pub(super) fn compile(options: &Options) -> Result<Self, SheetError> {
        let compile = |what, text: &Option<String>| {
            let text = text.as_deref();
            text.map(|text| Template::compile(what, text)).transpose()
        };
        Ok(Self {
            description: compile(TemplateKind::Template, &options.template)?,
            prompt: compile(TemplateKind::Prompt, &options.prompt)?,
        })
    }

    /// Whether a template uses a column with this name.
    pub(super) fn name(&self, header: &str) -> bool {
        let templates = [&self.description, &self.prompt];
        templates
            .into_iter()
            .flatten()
            .any(|template| template.names(header))
    }
}
