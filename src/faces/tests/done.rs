//! The done page: its address, as text and as a QR code that a decoder reads from the screen.

use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};
use rqrr::PreparedImage;
use url::Url;

use super::*;
use crate::screen::look::{Colours, Glyphs};

pub(super) const ADDRESS: &str = "https://appliance.acme.example/";

/// A wizard that is done, with an appliance at `address`.
pub(super) fn done_at(address: &str, colours: Colours, glyphs: Glyphs) -> App {
    let profile = format!(
        "[license]\nurl = 'https://license.example'\n[brand]\nnext-steps = '''\nConnect your mail.\nInvite your \
         team.'''\n[[ready]]\nname = 'Acme'\nurl = '{address}'"
    );
    let finished = |info: &StepInfo| {
        let outcome = Outcome::Changed(format!("`{}` is in place", info.id).into());
        Event::StepFinished { id: info.id.clone(), outcome, elapsed_ms: 1200 }
    };
    let mut events: Vec<Event> = PLAN.iter().map(finished).collect();
    events.extend([authority(address), authority("https://10.0.0.1/")]);
    events.push(ended(None, true));
    let mut app = running(events);
    app.profile = Arc::new(Profile::parse(&profile).expect("a profile"));
    app.look = Look { colours, glyphs, ..app.look };
    app
}

/// How light the upper and the lower half of a cell are, on a dark console.
fn halves(cell: &Cell) -> (u8, u8) {
    let light = |colour: Color, unset: u8| match colour {
        Color::Reset => unset,
        Color::Black => 0,
        Color::Gray => 170,
        _ => 255,
    };
    let (mut on, mut off) = (light(cell.fg, 255), light(cell.bg, 0));
    if cell.modifier.contains(Modifier::REVERSED) {
        (on, off) = (off, on);
    }
    match cell.symbol() {
        "█" => (on, on),
        "▀" => (on, off),
        "▄" => (off, on),
        _ => (off, off),
    }
}

/// The address that a phone reads from the screen, as browsers write it: cells are twice as high as wide.
fn read(app: &mut App, columns: u16, rows: u16) -> Option<String> {
    let terminal = drawn(app, columns, rows);
    let buffer = terminal.backend().buffer();
    let (width, height) = (usize::from(columns) * 4, usize::from(rows) * 8);
    let mut image = PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let cell = &buffer.content()[y / 8 * usize::from(columns) + x / 4];
        let (upper, lower) = halves(cell);
        if y % 8 < 4 { upper } else { lower }
    });
    let grids = image.detect_grids();
    grids.first().map(|grid| Url::parse(&grid.decode().expect("a sound code").1).expect("an address").into())
}

#[test]
fn a_phone_reads_the_address_where_the_code_fits_and_people_read_it_everywhere() {
    use Colours::{Eight, None, True};
    use Glyphs::{Ascii, Basic, Unicode};
    let long = format!("{ADDRESS}{}", "x".repeat(400));
    for (address, colours, glyphs, size, fits) in [
        (ADDRESS, None, Unicode, (80, 24), true),
        (ADDRESS, None, Basic, (80, 24), true),
        (ADDRESS, Eight, Basic, (80, 24), true),
        (ADDRESS, True, Unicode, (80, 24), true),
        (ADDRESS, None, Unicode, (60, 18), false),
        (ADDRESS, None, Ascii, (80, 24), false),
        (ADDRESS, None, Ascii, (120, 40), true),
        (ADDRESS, Eight, Ascii, (120, 40), true),
        (ADDRESS, True, Unicode, (200, 100), true),
        (&long, True, Unicode, (80, 24), false),
    ] {
        let mut app = done_at(address, colours, glyphs);
        let read = read(&mut app, size.0, size.1);
        assert_eq!(read, fits.then(|| address.to_owned()), "{colours:?} {glyphs:?} {size:?}");
        let text = screen(&mut app, size.0, size.1);
        assert!(text.contains(ADDRESS) || address != ADDRESS, "{text}");
    }
}

#[test]
fn the_fingerprint_is_told_once_and_in_one_piece_on_a_screen_of_any_width() {
    let Event::Fact { fact: Fact::Authority { authority, .. }, .. } = authority(ADDRESS) else {
        unreachable!("an authority")
    };
    let mut app = done_at(ADDRESS, Colours::None, Glyphs::Unicode);
    // On a narrower one “SHA-256” is broken too.
    for columns in 7..130 {
        let text = screen(&mut app, columns, 200);
        // No other row is made of such pairs alone; beside some there is the code.
        let rows = text.lines().map(|row| row.trim().split("  ").next().unwrap_or_default());
        let is_pair =
            |pair: &&str| pair.len() == 2 && pair.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F'));
        let pairs = rows.map(|row| row.split([':', ' ']).collect::<Vec<_>>()).filter(|row| row.iter().all(is_pair));
        let pairs = pairs.collect::<Vec<_>>().concat();
        assert_eq!(pairs.join(":"), authority.sha256.to_string(), "{columns}\n{text}");
    }
    for row in ["BA:78:16:BF:8F:01:CF:EA 41:41:40:DE:5D:AE:22:23", "B0:03:61:A3:96:17:7A:9C B4:10:FF:61:F2:00:15:AD"] {
        assert!(screen(&mut app, 80, 24).contains(row), "{row}");
    }
}

#[test]
fn the_certificate_of_another_address_is_not_taken_for_the_appliances() {
    let mut app = done_at(ADDRESS, Colours::None, Glyphs::Unicode);
    let own = "The appliance's certificate is signed by “Acme Appliance CA”";
    assert!(screen(&mut app, 120, 40).contains(own));
    let mut profile = Profile::clone(&app.profile);
    profile.endpoint.url = Some("https://other.acme.example/".to_owned());
    app.profile = Arc::new(profile);
    let text = screen(&mut app, 120, 40);
    assert!(!text.contains(own) && text.contains(&format!("The certificate of {ADDRESS} is signed by")), "{text}");
}

#[test]
fn the_code_stays_while_the_text_scrolls_and_gives_way_to_the_help() {
    let mut app = done_at(ADDRESS, Colours::None, Glyphs::Unicode);
    play(&mut app, "<end>");
    assert_eq!(read(&mut app, 80, 24).as_deref(), Some(ADDRESS));
    assert!(screen(&mut app, 80, 24).contains("Invite your team."));
    play(&mut app, "<home>");
    keep("done-code-unicode", &screen(&mut app, 80, 24));
    play(&mut app, "<f1>");
    assert_eq!(read(&mut app, 80, 24), None);
}

/// With the screen to itself, a code needs neither half blocks nor a large screen.
#[test]
fn a_phone_reads_the_address_alone_on_the_screen() {
    use Colours::{Eight, None};
    use Glyphs::{Ascii, Basic, Unicode};
    for (address, colours, glyphs, size) in [
        ("https://192.168.100.200/", None, Ascii, (80, 24)),
        // The most that fits there: 25 characters and the slash, which is left out.
        ("https://box1.acme.example/", None, Ascii, (80, 24)),
        ("https://10.0.0.1:8443/", Eight, Ascii, (80, 24)),
        ("https://acme.example/", None, Ascii, (60, 24)),
        (ADDRESS, None, Unicode, (60, 18)),
        (ADDRESS, None, Basic, (60, 18)),
        (ADDRESS, None, Ascii, (80, 30)),
        ("https://appliance.acme.example/Path?with=small%20letters", None, Unicode, (80, 24)),
    ] {
        let mut app = done_at(address, colours, glyphs);
        play(&mut app, "c");
        assert_eq!(read(&mut app, size.0, size.1).as_deref(), Some(address), "{colours:?} {glyphs:?} {size:?}");
        play(&mut app, "<esc>");
        assert!(screen(&mut app, 120, 40).contains(address) && app.page == Page::Done);
    }
}

#[test]
fn the_help_lies_over_the_code_and_leads_back_to_it() {
    let mut app = done_at(ADDRESS, Colours::None, Glyphs::Unicode);
    play(&mut app, "c<f1>");
    assert!(read(&mut app, 80, 24).is_none() && screen(&mut app, 80, 24).contains("Help"));
    play(&mut app, "<esc>");
    assert_eq!(read(&mut app, 60, 18).as_deref(), Some(ADDRESS));
    play(&mut app, "<esc>");
    assert!(screen(&mut app, 80, 24).contains("Invite your team."));
}

#[test]
fn a_code_without_room_says_how_much_it_needs() {
    let mut app = done_at(ADDRESS, Colours::None, Glyphs::Ascii);
    play(&mut app, "c");
    let text = screen(&mut app, 80, 24);
    assert!(text.contains("54 columns\n and 28 rows") && text.contains(ADDRESS), "{text}");
    let mut longer = done_at("https://box12.acme.example/", Colours::None, Glyphs::Ascii);
    play(&mut longer, "c");
    assert_eq!(read(&mut longer, 80, 24), None);
    assert_eq!(read(&mut app, 54, 27), None);
    assert_eq!(read(&mut app, 54, 28).as_deref(), Some(ADDRESS));
}

#[test]
fn without_an_address_there_is_no_code() {
    let mut app = done_at(ADDRESS, Colours::None, Glyphs::Unicode);
    app.profile = Arc::new(Profile::built_in());
    assert_eq!(read(&mut app, 80, 24), None);
    let before = screen(&mut app, 80, 24);
    play(&mut app, "c");
    assert_eq!(screen(&mut app, 80, 24), before, "there is no key for it");
}

#[test]
fn the_profile_and_the_host_name_say_the_address_before_a_probe_does() {
    let mut app = done_at("http://10.0.0.1:8080/health", Colours::None, Glyphs::Unicode);
    let mut profile = Profile::clone(&app.profile);
    profile.endpoint.url = Some("https://{hostname}/".to_owned());
    app.profile = Arc::new(profile);
    assert_eq!(read(&mut app, 80, 24).as_deref(), Some("http://10.0.0.1:8080/health"), "no host name was given");
    let public = app.public.as_mut().expect("the answers of the run");
    public.hostname = Some("appliance.acme.example".parse().expect("a host name"));
    assert_eq!(read(&mut app, 80, 24).as_deref(), Some(ADDRESS));
    assert!(screen(&mut app, 120, 40).contains("http://10.0.0.1:8080/health"), "the probe is still told");
}
