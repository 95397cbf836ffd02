//! The guide for vendors.

use super::*;

/// The pieces of the guide for vendors are a whole profile.
#[test]
fn the_guide_is_a_profile() {
    let guide = include_str!("../../../assets/profile-guide.md");
    let pieces = guide.split("```toml\n").skip(1).map(|piece| piece.split("```").next().unwrap_or_default());
    let text: String = pieces.collect();
    let profile = Profile::parse(&text).expect(&text);
    assert_eq!((profile.ready.len(), profile.questions.len(), profile.reach.len()), (3, 2, 1));
    assert!(profile.pki.leaf.is_some() && profile.bootstrap.is_some());
}
