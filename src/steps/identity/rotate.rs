//! Replaces a value that may be replaced, because somebody asked for it.

use std::sync::Arc;

use super::{
    decide::{Looked, RotationError, common},
    files::Values,
    files::{Variables, variables},
    issuing, look_again, make_missing,
    present::Present,
    write::{hold, settle},
};
use crate::{
    engine::{Failed, Notes, Outcome},
    profile::{Generate, Profile, Rotation},
    steps::{
        objects::{Foreseen, Known, Objects, Row, Rule, named},
        rows::secret_rows,
        sign_in,
    },
    words::{Phrase, phrase},
    world::{ClusterError, World},
};

/// Replaces a value, and those that are made of it.
#[derive(Debug)]
pub struct Rotate {
    profile: Arc<Profile>,
    id: String,
}

impl Rotate {
    /// The value of this id, if it may be replaced.
    pub(in crate::steps) fn asked(profile: &Arc<Profile>, id: &str) -> Result<Self, RotationError> {
        let values = &profile.generate;
        if values.iter().all(|value| value.id != id) {
            let known = values.iter().map(|value| value.id.clone()).collect();
            return Err(RotationError::Unknown { id: id.to_owned(), known });
        }
        let rotate = Self { profile: Arc::clone(profile), id: id.to_owned() };
        let other = |other| rotate.affected().find(|value| value.rotate == other).map(|value| value.id.clone());
        let id = || id.to_owned();
        match (other(Rotation::Never), other(Rotation::Renewed)) {
            (Some(never), _) => Err(RotationError::Never { id: id(), never }),
            (None, Some(_)) => Err(RotationError::Renewed { id: id() }),
            (None, None) => Ok(rotate),
        }
    }

    /// What will be replaced, and what will not work any more, one sentence a line.
    pub(in crate::steps) fn says(&self) -> Vec<Phrase> {
        let said = |Generate { id, targets, invalidates, .. }: &Generate| {
            let replaced = phrase!("will-rotate" { id, targets: named(targets) });
            let loses = invalidates.as_ref().map(|loses| phrase!("will-invalidate" { loses: loses.as_str() }));
            [replaced].into_iter().chain(loses).collect::<Vec<_>>()
        };
        self.affected().flat_map(said).collect()
    }

    /// The value, and those that are made of it.
    fn affected(&self) -> impl Iterator<Item = &Generate> {
        let is = |value: &&Generate| value.id == self.id || value.format.named().any(|id| id == self.id);
        self.profile.generate.iter().filter(is)
    }

    pub(in crate::steps) async fn run(&self, world: &World, notes: &Notes) -> Result<Outcome, Failed> {
        sign_in::admitted(&self.profile, world).await?;
        self.says().into_iter().for_each(|line| notes.note(line));
        let present = Present::observe(&self.profile, None, world).await?;
        let mut values = self.others(&present, world).await?;
        make_missing(self.affected(), &mut values, &issuing(&self.profile, None, world), |_| None)?;
        values.retain(|id, _| self.affected().any(|value| value.id == *id));
        present.hide(&values, world);
        self.rehearse(&present, &values, world).await?;
        let _hold = hold(&self.profile, notes).await;
        let mut look = 1;
        while let Err(report) = self.write(&values, world, notes).await? {
            look_again(report, &mut look, notes)?;
        }
        settle(&Present::observe(&self.profile, None, world).await?, &values, true, world).await?;
        Ok(Outcome::Changed(phrase!("identity-rotated" { names: named(values.keys()) })))
    }

    /// The values of which new ones are made, and that stay. Whatever is wrong with those that are replaced goes with them,
    /// but one of them has to be there: what is nowhere is made by a setup, if at all.
    async fn others(&self, present: &Present<'_>, world: &World) -> Result<Values, Failed> {
        if self.affected().all(|value| present.copies(value).is_empty()) {
            return Err(RotationError::Absent { id: self.id.clone() }.into());
        }
        let mut values = Values::new();
        let stays = |value: &&Generate| self.affected().all(|other| other.id != value.id);
        let is_named = |value: &&Generate| self.affected().any(|other| other.format.named().any(|id| id == value.id));
        for value in self.profile.generate.iter().filter(stays).filter(is_named) {
            let Some(found) = common(value, &present.copies(value))? else {
                let lost = present.lost(value, world).await?;
                let absent = || RotationError::Absent { id: value.id.clone() }.into();
                return Err(lost.map_or_else(absent, Failed::from));
            };
            values.insert(value.id.clone(), found);
        }
        Ok(values)
    }

    /// Tries everything that will be written, so that a refusal leaves no copies that are not the same.
    async fn rehearse(&self, present: &Present<'_>, values: &Values, world: &World) -> Result<(), Failed> {
        present.check_assignable(self.variables(values).into_keys(), values, world)?;
        let known = Known { generated: Some(values), ..Known::default() };
        let foreseen = Foreseen { known: Some(&known), grant_to_come: false };
        self.objects(world).await?.dry_run(foreseen, &world.cluster).await?;
        Ok(())
    }

    /// The objects as they are. Who asks for a new value means also those that somebody else has written.
    async fn objects(&self, world: &World) -> Result<Objects, ClusterError> {
        let rows = secret_rows(&self.profile, self.affected(), |_value| Rule::Refreshed);
        let rows = rows.into_iter().map(|row| Row { forced: true, ..row });
        Objects::observe(rows.collect(), &world.cluster).await
    }

    async fn write(&self, values: &Values, world: &World, notes: &Notes) -> Result<Looked<()>, Failed> {
        let objects = self.objects(world).await?;
        let wanted = objects.decide(&Known { generated: Some(values), ..Known::default() });
        match objects.write(&wanted, &world.cluster, notes).await {
            Ok(_written) => {}
            Err(error @ ClusterError::Changed { .. }) => return Ok(Err(error.into())),
            Err(error) => return Err(error.into()),
        }
        Present::observe(&self.profile, None, world).await?.assign(self.variables(values), world, notes)
    }

    fn variables<'v>(&'v self, values: &'v Values) -> Variables<'v> {
        variables(self.affected(), values, |_every| true)
    }
}
