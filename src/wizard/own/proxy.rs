//! The proxy page: which proxy is on this machine's way out, and what came of saying so. None of it is an answer.

use crate::{
    answers::{Draft, FieldId, Given},
    error::Report,
    field::{Field, FieldKind},
    values::{ProxyCa, SetProxy},
    wizard::{
        keys::Context,
        notice::Notice,
        own::page::{OwnPage, Reaction},
        port::Request,
    },
    words::{Phrase, TextId, id},
};

/// What stands before each field, and the answer that fills it.
const ASKED: [(TextId, FieldId); 3] = [
    (id!("label-proxy"), FieldId::Proxy),
    (id!("label-proxy-exceptions"), FieldId::ProxyExceptions),
    (id!("label-proxy-ca"), FieldId::ProxyCa),
];

/// What became of the proxy that was named last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Way {
    /// None was.
    #[default]
    Open,
    /// What was typed names none.
    Wrong(Phrase),
    /// It is about to be used.
    Beginning,
    /// It is used; what was done.
    Used(Phrase),
    /// It could not be kept.
    Failed(Box<Report>),
}

/// The proxy on this machine's way out.
#[derive(Debug)]
pub(crate) struct ProxyPage {
    fields: [Field; 3],
    focus: usize,
    refused: Option<Notice>,
    /// What became of it.
    pub(crate) way: Way,
    /// Whether an answers file names one.
    given: bool,
}

impl Default for ProxyPage {
    fn default() -> Self {
        let fields = [
            // A password may be in it.
            Field::new(FieldKind::Masked, SetProxy::LONGEST),
            Field::new(FieldKind::Plain, SetProxy::LONGEST),
            Field::new(FieldKind::Plain, ProxyCa::LONGEST),
        ];
        Self { fields, focus: 0, refused: None, way: Way::Open, given: false }
    }
}

impl ProxyPage {
    /// A page with what a draft says of it.
    pub(in crate::wizard) fn filled(draft: &Draft) -> Self {
        let mut page = Self::default();
        for ((_, id), field) in ASKED.iter().zip(&mut page.fields) {
            if let Some(Given::Text(text)) = draft.given.get(id).map(|given| &given.value) {
                // What does not fit is not what somebody would type either: it can be typed here.
                page.given |= field.fill(text.expose()).is_ok();
            }
        }
        page
    }

    /// The fields with what stands before them, and whether keys go there.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (TextId, &Field, bool)> {
        let rows = ASKED.iter().zip(&self.fields).enumerate();
        rows.map(|(index, ((label, _), field))| (*label, field, index == self.focus))
    }

    /// What the field that keys go to did not take, and what stands before it.
    pub(crate) fn refused_input(&self) -> Option<(TextId, &Notice)> {
        self.refused.as_ref().map(|refused| (ASKED[self.focus].0, refused))
    }

    /// Takes in what came of it.
    pub(in crate::wizard) fn used(&mut self, used: Result<Phrase, Report>) {
        if self.way == Way::Beginning {
            self.way = used.map_or_else(|report| Way::Failed(Box::new(report)), Way::Used);
        }
    }
}

impl OwnPage for ProxyPage {
    /// It is part of the way only where somebody has named one beforehand.
    fn is_shown(&self) -> bool {
        self.given
    }

    fn context(&self) -> Context {
        Context::Mending
    }

    fn fields(&self) -> usize {
        self.fields.len()
    }

    fn focus(&self) -> usize {
        self.focus
    }

    fn focus_on(&mut self, index: usize) {
        self.focus = index;
        self.refused = None;
    }

    fn field(&self) -> Option<(TextId, &Field)> {
        Some((ASKED[self.focus].0, &self.fields[self.focus]))
    }

    fn field_mut(&mut self) -> Option<&mut Field> {
        self.fields.get_mut(self.focus)
    }

    fn has_changed(&mut self) {
        self.refused = None;
        if self.way != Way::Beginning {
            self.way = Way::Open;
        }
    }

    fn refused(&mut self, why: Notice) {
        self.refused = Some(why);
    }

    fn enter(&mut self) -> Reaction {
        match self.way {
            Way::Beginning => return Reaction::Stay,
            Way::Used(_) => return Reaction::On,
            Way::Open | Way::Wrong(_) | Way::Failed(_) => {}
        }
        if self.fields.iter().all(Field::is_empty) {
            // Whoever only looks changes nothing.
            return Reaction::On;
        }
        match self.proxy() {
            // What is still to be typed is not wrong yet.
            Err((index, _)) if index > self.focus => self.focus_on(self.focus + 1),
            Err((index, wrong)) => {
                self.focus_on(index);
                self.way = Way::Wrong(wrong);
            }
            Ok(_) if self.focus + 1 < self.fields.len() => self.focus_on(self.focus + 1),
            Ok(proxy) => {
                self.way = Way::Beginning;
                return Reaction::Ask(Request::UseProxy(proxy));
            }
        }
        Reaction::Stay
    }
}

impl ProxyPage {
    /// What is typed, or which field is wrong and why.
    fn proxy(&self) -> Result<SetProxy, (usize, Phrase)> {
        let [url, exceptions, ca] = self.fields.each_ref().map(|field| field.text().trim());
        if !url.is_empty() || !exceptions.is_empty() {
            SetProxy::check(url).map_err(|wrong| (0, wrong))?;
        }
        let ca = (!ca.is_empty()).then(|| ca.parse()).transpose().map_err(|wrong| (2, wrong))?;
        SetProxy::new(url, exceptions, ca).map_err(|wrong| (0, wrong))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorId;

    fn typed(url: &str, exceptions: &str, ca: &str) -> ProxyPage {
        let mut page = ProxyPage::default();
        for (field, text) in page.fields.iter_mut().zip([url, exceptions, ca]) {
            field.fill(text).expect("there is room");
        }
        page
    }

    #[test]
    fn enter_has_it_used_once_and_then_goes_on() {
        for (url, named) in [
            ("http://proxy.example:3128", Some("proxy.example:3128")),
            ("proxy.example", Some("proxy.example:1080")),
            // As a password may be.
            ("http://kim:a%40b@proxy.example:3128", Some("proxy.example:3128")),
            ("none", None),
        ] {
            let mut page = typed(url, "acme.example", "");
            for _ in 1..page.fields() {
                assert!(matches!(page.enter(), Reaction::Stay), "{url}: the next field");
            }
            let Reaction::Ask(Request::UseProxy(asked)) = page.enter() else { unreachable!("{url}") };
            assert_eq!(asked.shown().as_deref(), named, "{url}");
        }
        for wrong in
            ["ftp://proxy.example", "http://", "http://proxy example", "\"http://proxy\"", "http://proxy:x", " "]
        {
            let mut page = typed(wrong, "", "");
            page.focus_on(1);
            assert!(matches!(page.enter(), Reaction::Stay), "{wrong}");
            assert!(matches!(page.way, Way::Wrong(_)), "{wrong}");
            assert_eq!(page.focus(), 0, "where it is wrong");
        }
        assert!(matches!(typed("", "", "").enter(), Reaction::On), "nothing is changed");
        let mut page = typed("proxy.example", "", "");
        page.focus_on(2);
        page.enter();
        assert!(matches!(page.enter(), Reaction::Stay), "it is begun");
        page.used(Err(Report::new(ErrorId::ClockWrong, "no".into())));
        assert!(matches!(page.enter(), Reaction::Ask(_)), "once more");
        page.used(Ok("done".into()));
        assert!(matches!(page.enter(), Reaction::On));
        page.has_changed();
        assert!(matches!(page.enter(), Reaction::Ask(_)), "another one");
    }

    #[test]
    fn an_authority_alone_leaves_the_way_as_it_is() {
        let mut page = typed("", "", "/media/ca.pem");
        assert!(matches!(page.enter(), Reaction::Stay));
        page.focus_on(2);
        let Reaction::Ask(Request::UseProxy(asked)) = page.enter() else { unreachable!() };
        assert_eq!((asked.values(), asked.ca()), (None, Some(&ProxyCa::File("/media/ca.pem".into()))));
        for (exceptions, ca, wrong) in [("", "BA:78", 2), ("a.example", "/media/ca.pem", 0)] {
            let mut page = typed("", exceptions, ca);
            page.focus_on(2);
            assert!(matches!(page.enter(), Reaction::Stay), "{exceptions} {ca}");
            assert!(matches!(page.way, Way::Wrong(_)), "{exceptions} {ca}");
            assert_eq!(page.focus(), wrong, "{exceptions} {ca}");
        }
    }
}
