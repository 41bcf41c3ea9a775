//! A text made from columns: the description of a row, or the prompt beside it.
//!
//! A template uses columns as `{{ city }}`, without regard to the case, spaces and underscores of the header (`{{ home_town
//! }}` is the column `Home town`), or exactly as `{{ columns["Likes & dislikes"] }}`. `{{ columns.lines("Role", "City") }}`
//! makes a line for each column, `Role: baker`, without the empty ones. The name `columns` has no other meaning. The columns
//! in all branches are known before the first row is read, and must exist. A cell is data: every cell is text, `age|int`
//! makes a number of it, and braces in it are never expanded. A template cannot include another one, escapes nothing, and
//! its work and output are limited.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::binding::{Binding, Cells};
use super::columns::{Found, folded, look_up};
use super::fault::Problem;
use super::shown::shown;
use super::subscripts::{COLUMNS, Subscripts};
use super::template_kind::TemplateKind;
use super::{CELL_MAX, SheetError, Source};

/// The most steps and bytes of one text: far more than the longest one needs, and fast enough.
const FUEL: u64 = 4 * 1024 * 1024;
/// The name of the template in the engine; its ending prevents HTML escaping.
const NAME: &str = "template";

/// A well-formed template; its columns are not looked up yet.
pub(super) struct Template {
    what: TemplateKind,
    environment: Environment<'static>,
    text: String,
    variables: BTreeSet<String>,
    subscripts: BTreeSet<String>,
}

impl Template {
    /// Parses the template.
    ///
    /// # Errors
    ///
    /// [`SheetError::TemplateSyntax`], [`SheetError::TemplateSubscript`].
    pub(super) fn compile(what: TemplateKind, text: &str) -> Result<Self, SheetError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        environment
            .add_template_owned(NAME, text.to_owned())
            .map_err(|err| syntax(what, &err))?;
        let mut variables: BTreeSet<String> = environment
            .get_template(NAME)
            .map_err(|err| syntax(what, &err))?
            .undeclared_variables(false)
            .into_iter()
            .collect();
        let mut subscripts = BTreeSet::new();
        if variables.remove(COLUMNS) {
            let Subscripts {
                names, is_plain, ..
            } = Subscripts::of(text);
            if !is_plain {
                return Err(SheetError::TemplateSubscript { what });
            }
            subscripts = names;
        }
        Ok(Self {
            what,
            environment,
            text: text.to_owned(),
            variables,
            subscripts,
        })
    }

    /// Whether it uses a column with this name.
    pub(super) fn names(&self, header: &str) -> bool {
        let header = folded(header);
        let names = self.variables.iter().chain(&self.subscripts);
        names.into_iter().any(|name| folded(name) == header)
    }

    /// Whether it uses no column: its text is the same for every row.
    pub(super) fn names_nothing(&self) -> bool {
        let globals: Vec<&str> = self.environment.globals().map(|(name, _)| name).collect();
        self.subscripts.is_empty()
            && self
                .variables
                .iter()
                .all(|name| globals.contains(&name.as_str()))
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Looks up the columns of the template.
    ///
    /// # Errors
    ///
    /// [`SheetError::TemplateColumn`], [`SheetError::TemplateAmbiguous`]; [`SheetError::TemplateSyntax`] for an unknown
    /// filter.
    /// does not exist.
    pub(super) fn bind(
        &self,
        headers: &[String],
        kept: usize,
        sheet: &Source,
    ) -> Result<Arc<Binding>, SheetError> {
        let mut unknown = Vec::new();
        let mut found = |names: &BTreeSet<String>, globals: &[&str]| {
            let mut bound = Vec::new();
            for name in names {
                match look_up(&headers[..kept], kept, name) {
                    Found::One(index) => bound.push((name.clone(), index)),
                    Found::None if globals.contains(&name.as_str()) => {}
                    Found::None => unknown.push(name.clone()),
                    Found::Several(found) => {
                        let candidates = found
                            .into_iter()
                            .map(|index| headers[index].clone())
                            .collect();
                        return Err(SheetError::TemplateAmbiguous {
                            what: self.what,
                            variable: name.clone(),
                            candidates,
                        });
                    }
                }
            }
            Ok(bound)
        };
        let globals: Vec<&str> = self.environment.globals().map(|(name, _)| name).collect();
        let variables = found(&self.variables, &globals)?;
        let subscripts = found(&self.subscripts, &[])?;
        if !unknown.is_empty() {
            return Err(SheetError::TemplateColumn {
                what: self.what,
                sheet: sheet.clone(),
                unknown,
                columns: headers[..kept].to_vec(),
            });
        }
        let binding = Arc::new(Binding::new(variables, subscripts));
        self.try_out(&binding)?;
        Ok(binding)
    }

    /// The text for one row. `cells` are those of [`Binding::columns`], in that order.
    ///
    /// # Errors
    ///
    /// [`Problem::Template`], for example if a filter cannot work on this cell.
    pub(super) fn render<'c>(
        &self,
        binding: &Arc<Binding>,
        cells: impl Iterator<Item = &'c str>,
    ) -> Result<String, Problem> {
        let (line, reason) = match self.fill(binding, cells) {
            Ok(text) if text.len() <= CELL_MAX => return Ok(text),
            Ok(_) => (1, "its text is longer than 1 MiB".to_owned()),
            Err(err) => said(&err),
        };
        let what = self.what;
        Err(Problem::Template { what, line, reason })
    }

    fn fill<'c>(
        &self,
        binding: &Arc<Binding>,
        cells: impl Iterator<Item = &'c str>,
    ) -> Result<String, Error> {
        self.environment
            .get_template(NAME)?
            .render(Cells::of(binding, cells))
    }

    /// Fills it in once as a trial: the engine finds an unknown filter only when it runs it, and no row is the cause.
    fn try_out(&self, binding: &Arc<Binding>) -> Result<(), SheetError> {
        let unknown = [
            ErrorKind::UnknownFilter,
            ErrorKind::UnknownTest,
            ErrorKind::UnknownFunction,
        ];
        match self.fill(binding, binding.columns().iter().map(|_| "x")) {
            Err(err) if unknown.contains(&err.kind()) => Err(syntax(self.what, &err)),
            _ => Ok(()),
        }
    }
}

fn syntax(what: TemplateKind, err: &Error) -> SheetError {
    let (line, reason) = said(err);
    SheetError::TemplateSyntax { what, line, reason }
}

/// The message of the engine, and the line of the template.
fn said(err: &Error) -> (usize, String) {
    let reason = match (err.kind(), err.detail()) {
        (ErrorKind::OutOfFuel, _) => "it takes too much work".to_owned(),
        (_, Some(detail)) => shown(detail),
        (kind, None) => kind.to_string(),
    };
    (err.line().unwrap_or(1), reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: [&str; 6] = [
        "Name",
        "Home town",
        "Likes & dislikes",
        "größe",
        "x_y",
        "x y",
    ];

    fn rendered(template: &str) -> Result<Result<String, Problem>, SheetError> {
        let headers: Vec<String> = HEADERS.iter().map(|&header| header.to_owned()).collect();
        let template = Template::compile(TemplateKind::Template, template)?;
        let binding =
            Arc::new(template.bind(&headers, headers.len(), &Source::File("cast.csv".into()))?);
        let cells = binding
            .columns()
            .iter()
            .map(|&index| ["Mo", "Ulm", "{{ name }}", "9 < 10", "1", ""][index]);
        Ok(template.render(&binding, cells))
    }

    fn text(template: &str) -> String {
        rendered(template)
            .expect("a good template")
            .expect("a good row")
    }

    #[test]
    fn columns_are_named_loosely_or_exactly() {
        assert_eq!(
            text("{{ name }} of {{ home_town }}, {{ HomeTown }}, {{ größe }}"),
            "Mo of Ulm, Ulm, 9 < 10"
        );
        assert_eq!(
            text("{{ columns[\"Home town\"] }}/{{ columns [ 'x y' ] }}/{{ columns['x_y'] }}"),
            "Ulm//1"
        );
        assert_eq!(
            text("{{ name }}\n"),
            "Mo",
            "the line end of a file is not part of the text"
        );
    }

    #[test]
    fn each_column_that_is_not_empty_becomes_a_line() {
        assert_eq!(
            text("{{ columns.lines('Name', 'Home town', 'x y', 'größe') }}"),
            "Name: Mo\nHome town: Ulm\ngröße: 9 < 10"
        );
        assert!(matches!(
            rendered("{{ columns.lines('Nmae') }}"),
            Err(SheetError::TemplateColumn { .. })
        ));
        assert!(
            Template::compile(TemplateKind::Template, "role, city")
                .is_ok_and(|template| template.names_nothing())
        );
        assert!(
            Template::compile(TemplateKind::Template, "{{ range(3) }}")
                .is_ok_and(|template| template.names_nothing())
        );
    }

    #[test]
    fn a_cell_is_never_expanded_again() {
        assert_eq!(text("{{ columns['Likes & dislikes'] }}"), "{{ name }}");
    }

    #[test]
    fn conditions_loops_and_filters_work() {
        assert_eq!(
            text(
                "{% if x_y %}{{ name|upper }}{% endif %}{% for i in range(3) %}{{ i }}{% endfor %}"
            ),
            "MO012"
        );
    }

    #[test]
    fn an_unknown_column_is_found_in_a_branch_that_is_never_taken() {
        let unknown = |template: &str| match rendered(template) {
            Err(SheetError::TemplateColumn { unknown, .. }) => unknown,
            other => panic!("{template}: {other:?}"),
        };
        assert_eq!(unknown("{% if false %}{{ rol }}{% endif %}"), ["rol"]);
        assert_eq!(
            unknown("{{ name }} {{ columns['Home-town'] }} {{ a }}"),
            ["a", "Home-town"]
        );
        assert_eq!(unknown("{{ b|default('x') }}"), ["b"]);
        assert!(matches!(
            rendered("{{ X__Y }}"),
            Err(SheetError::TemplateAmbiguous { .. })
        ));
        assert!(matches!(
            rendered("{{ columns[name] }}"),
            Err(SheetError::TemplateSubscript { .. })
        ));
        assert!(matches!(
            rendered("{% for c in columns %}{% endfor %}"),
            Err(SheetError::TemplateSubscript { .. })
        ));
    }

    #[test]
    fn nothing_is_included_and_nothing_runs_for_ever() {
        assert!(matches!(
            rendered("{% include 'x' %}"),
            Err(SheetError::TemplateSyntax { line: 1, .. })
        ));
        assert!(matches!(
            rendered("a\n\n{{ name "),
            Err(SheetError::TemplateSyntax { line: 3, .. })
        ));
        let endless =
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(matches!(
            rendered(endless),
            Ok(Err(Problem::Template { .. }))
        ));
        assert!(matches!(
            rendered("{{ 'x' * 1000000000 }}"),
            Ok(Err(Problem::Template { .. }))
        ));
    }
}
