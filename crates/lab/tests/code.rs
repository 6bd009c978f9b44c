//! Links: what is in one comes out as it was, and what is no link does no harm.

use std::rc::Rc;
use std::time::Duration;

use vitrine_lab::simulate::Scenario;
use vitrine_lab::{Action, Link, LinkRoad, MOST_LINKED_MOMENTS, Random, Road, Script};

/// A road and two forks, of it and of one another.
fn forked() -> (Link, Vec<Road<()>>) {
    let text = "user ana password=segredo scram\nclient p user=ana password=segredo auth=scram\nclient s\np connect\ns connect\nwait 1s\np publish t x qos=1\nwait 2s\n";
    let mut first = Road::of(&Script::parse(text).unwrap(), ()).unwrap();
    let cut = Action::parse(first.setup(), "p cut").unwrap();
    first.go(7);
    let mut second = first.fork();
    second.act(cut).unwrap();
    second.wait(Duration::from_millis(1_500));
    second.go(8);
    let mut third = second.fork();
    let again = Action::parse(first.setup(), "sleep 1h").unwrap();
    third.act(again).unwrap();
    third.wait(Duration::from_secs(1));
    first.go(3);
    let link = Link {
        lesson: Some("qos-1".into()),
        beside: true,
        shown: 2,
        setup: Rc::clone(first.setup()),
        roads: vec![
            LinkRoad::of(&first, None),
            LinkRoad::of(&second, Some((0, 7))),
            LinkRoad::of(&third, Some((1, 8))),
        ],
    };
    (link, vec![first, second, third])
}

#[test]
fn a_link_lands_where_it_was_made() {
    let (link, roads) = forked();
    let code = link.encode().unwrap();
    assert!(code.len() < 600, "{}", code.len());
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    assert!(code.bytes().all(safe));
    let read = Link::decode(&code).unwrap();
    assert_eq!(read, link);
    let built = read.roads(|| ()).unwrap();
    assert_eq!(built.len(), 3);
    for (built, road) in built.iter().zip(&roads) {
        let place = |road: &Road<()>| (road.position(), road.end(), road.world().now());
        assert_eq!(place(built), place(road));
        assert!(built.script() == road.script());
    }
}

/// Every simulation fits into a link, and comes out of it as it was.
#[test]
fn a_link_takes_so_many_moments_and_no_more() {
    let (mut link, _) = forked();
    let others: u64 = (link.roads[1..].iter())
        .map(|road| road.end - road.from.map_or(0, |(_, at)| at))
        .sum();
    link.roads[0].end = MOST_LINKED_MOMENTS - others;
    assert!(link.encode().is_ok());
    link.roads[0].end += 1;
    let why = link.encode().unwrap_err().why;
    assert!(why.contains("drop some roads"), "{why}");
    // Whoever writes one all the same finds that it is not built.
    let built = link.roads(|| ());
    assert!(built.unwrap_err().why.contains("moments"));
}

#[test]
fn every_scenario_is_a_link() {
    let mut longest = 0;
    for seed in 0..100 {
        let road = Road::of_scenario(&Scenario::draw(seed), ());
        let link = Link::to(&road);
        let code = link.encode().unwrap();
        longest = longest.max(code.len());
        assert_eq!(Link::decode(&code).as_ref(), Ok(&link), "seed {seed}");
    }
    assert!(longest < 8_000, "{longest}");
}

#[test]
fn what_is_no_link_is_told() {
    let (link, _) = forked();
    let code = link.encode().unwrap();
    for (code, why) in [
        ("", "cut off or damaged"),
        ("9abc", "newer version"),
        ("xabc", "cut off or damaged"),
        ("1", "cut off or damaged"),
        ("1%%%", "cut off or damaged"),
        (&code[..code.len() - 1], "cut off or damaged"),
        (&code[..code.len() / 2], "cut off or damaged"),
        (&"1".repeat(300_000), "longer than"),
    ] {
        let problem = Link::decode(code).unwrap_err();
        assert!(problem.why.contains(why), "{problem}");
    }
    for (text, why) in [
        ("client a\na connect", "behind a line road"),
        ("road\n", "ends with a line"),
        ("road\n@3 end\nroad\n@3 end", "leave one before them"),
        (
            "road\n@3 end\nroad from=1 at=0\n@3 end",
            "leave one before them",
        ),
        ("road position=4\n@3 end", "one stands on it"),
        ("client a\nroad\na connect\n@3 end", "has its position"),
        ("road\n@200000 end", "at most"),
        ("road\n@3 end\nclient a", "must stand before"),
        ("show 1\nroad\n@3 end", "not there"),
        ("road fom=1\n@3 end", "no fom"),
        ("", "not there"),
    ] {
        let problem = Link::parse(text).unwrap_err();
        assert!(problem.why.contains(why), "{text:?}: {problem}");
    }
    // What can be read and not be gone is told when it is gone.
    for text in ["road\n@3 end", "road\n@0 end\nroad from=0 at=9\n@9 end"] {
        assert!(Link::parse(text).unwrap().roads(|| ()).is_err());
    }
}

/// A text of many megabytes that packs to some kilobytes is not unpacked; damage anywhere is noticed or harmless.
#[test]
fn hostile_codes_do_no_harm() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'#'; 64 << 20], 9);
    let bomb = format!("1{}", URL_SAFE_NO_PAD.encode(bomb));
    let problem = Link::decode(&bomb).unwrap_err();
    assert!(problem.why.contains("more than"), "{problem}");
    let (link, _) = forked();
    let code = link.encode().unwrap().into_bytes();
    let mut random = Random::new(3);
    let signs = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=%\xc3\xa9 ";
    let (mut refused, rounds) = (0, 5_000);
    for _ in 0..rounds {
        let mut damaged = code.clone();
        for _ in 0..=random.index(3) {
            let at = random.index(damaged.len());
            match random.below(3) {
                0 => damaged[at] = signs[random.index(signs.len())],
                1 => drop(damaged.remove(at)),
                _ => damaged.insert(at, signs[random.index(signs.len())]),
            }
        }
        let damaged = String::from_utf8_lossy(&damaged);
        match Link::decode(&damaged) {
            Err(_) => refused += 1,
            Ok(read) => assert_eq!(read, link, "{damaged}"),
        }
    }
    assert!(refused > rounds / 2, "{refused}");
}

/// Texts that somebody else packed: read or refused, built or refused, it ends.
#[test]
fn hostile_texts_do_no_harm() {
    let (link, _) = forked();
    // Deriving keys from passwords is slow.
    let text = link.write().replace(" scram", "");
    let text = text.replace(" auth=scram", "");
    let mut random = Random::new(4);
    let mut built = 0;
    for _ in 0..2_000 {
        let mut lines: Vec<&str> = text.lines().collect();
        for _ in 0..=random.index(4) {
            let (at, from) = (random.index(lines.len()), random.index(lines.len()));
            match random.below(3) {
                0 => lines.swap(at, from),
                1 => drop(lines.remove(at)),
                _ => lines.insert(at, lines[from]),
            }
        }
        if let Ok(link) = Link::parse(&lines.join("\n")) {
            built += usize::from(link.roads(|| ()).is_ok());
        }
    }
    assert!(built > 10, "{built}");
}
