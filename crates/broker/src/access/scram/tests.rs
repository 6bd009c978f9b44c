use alloc::vec;

use super::*;
use crate::User;

const FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const OURS: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const LAST: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                    p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

/// The user `user` with the password `pencil` of RFC 7677.
fn pencil() -> Access {
    let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(b"pencil", &salt, 4_096, &mut salted);
    let keys = ScramKeys {
        salt: salt.into(),
        iterations: 4_096,
        stored_key: Sha256::digest(mac(&salted, b"Client Key")).into(),
        server_key: mac(&salted, b"Server Key"),
    };
    let user = User {
        password: None,
        scram: Some(keys),
    };
    Access {
        users: [("user".into(), user)].into(),
        ..Access::default()
    }
}

fn begin(first: &str) -> Option<Exchange> {
    Exchange::begin_with(first.as_bytes(), &pencil(), &Secret::new([7; 32]), OURS)
}

fn finish(last: &str) -> Option<Proved> {
    begin(FIRST).unwrap().finish(last.as_bytes(), &pencil())
}

/// Section 3 of RFC 7677.
#[test]
fn the_example_of_the_rfc() {
    let exchange = begin(FIRST).unwrap();
    assert_eq!(
        str::from_utf8(exchange.challenge()).unwrap(),
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    );
    let proved = finish(LAST).unwrap();
    assert_eq!(&*proved.user, "user");
    assert_eq!(
        proved.answer,
        b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    );
}

#[test]
fn first_messages_that_are_none() {
    for first in [
        "",
        "n",
        "n,,",
        "n,,n=user",
        "n,,r=x,n=user",
        "n,,n=,r=x",
        "n,,n=user,r=",
        "n,,n=user,r=a b",
        "n,,n=user,r=\u{e9}",
        "n,,n=us=er,r=x",
        "n,,n=user=2c,r=x",
        // Extensions that must be understood, and channel binding, are not there.
        "n,,m=x,n=user,r=x",
        "p=tls-unique,,n=user,r=x",
        "x,,n=user,r=x",
        ",,n=user,r=x",
        // Nobody acts for others.
        "n,a=other,n=user,r=x",
        "n,other,n=user,r=x",
    ] {
        assert!(begin(first).is_none(), "{first}");
    }
    assert!(begin(&format!("{FIRST}{}", "x".repeat(LONGEST))).is_none());
    let not_text = Exchange::begin_with(b"n,,n=\xff,r=x", &pencil(), &Secret::default(), OURS);
    assert!(not_text.is_none());
    for first in [
        "y,,n=user,r=x",
        "n,a=user,n=user,r=x",
        "n,,n=user,r=x,x=extension",
    ] {
        assert!(begin(first).unwrap().known, "{first}");
    }
}

#[test]
fn last_messages_that_prove_nothing() {
    let (head, proof) = LAST.rsplit_once(",p=").unwrap();
    for last in [
        String::new(),
        head.into(),
        format!("{head},p="),
        format!("{head},p=A{}", &proof[1..]),
        format!("{head},p={proof}A"),
        format!("{head},p={}", STANDARD.encode(vec![0; 31])),
        format!("{head},x=y,p={proof}"),
        LAST.replace("c=biws", "c=eSws"),
        LAST.replace("c=biws", "c=!"),
        LAST.replace("r=rOp", "r=rop"),
        LAST.replace("c=biws,", ""),
        format!("p={proof}"),
    ] {
        assert!(finish(&last).is_none(), "{last}");
    }
}

#[test]
fn names_may_hold_commas_and_equals_signs() {
    assert_eq!(name("a=2Cb=3D=3D2C").as_deref(), Some("a,b==2C"));
    for wrong in ["", "=", "a=", "=2", "=2c", "==2C"] {
        assert_eq!(name(wrong), None, "{wrong}");
    }
}

#[test]
fn keys_that_were_replaced_prove_nothing() {
    let mut access = pencil();
    access.users.clear();
    let exchange = begin(FIRST).unwrap();
    assert!(exchange.clone().finish(LAST.as_bytes(), &access).is_none());
    let mut access = pencil();
    let user = access.users.get_mut("user").unwrap();
    user.scram.as_mut().unwrap().server_key[0] ^= 1;
    assert!(exchange.finish(LAST.as_bytes(), &access).is_none());
}

#[test]
fn a_user_who_is_none_looks_like_another() {
    let secret = Secret::new([7; 32]);
    let challenge = |user: &str, secret: &Secret, access: &Access| {
        let first = format!("n,,n={user},r=x");
        let exchange = Exchange::begin_with(first.as_bytes(), access, secret, OURS).unwrap();
        String::from_utf8(exchange.challenge().into()).unwrap()
    };
    let access = pencil();
    let nobody = challenge("nobody", &secret, &access);
    assert_eq!(nobody, challenge("nobody", &secret, &access));
    assert_ne!(nobody, challenge("somebody", &secret, &access));
    assert_ne!(nobody, challenge("nobody", &Secret::new([8; 32]), &access));
    assert_eq!(nobody.len(), challenge("user", &secret, &access).len());
    assert!(nobody.ends_with(",i=4096"));
    for length in [1, 32, 33, 100] {
        let mut access = pencil();
        let user = access.users.get_mut("user").unwrap();
        user.scram.as_mut().unwrap().salt = vec![1; length].into();
        let lengths = ["nobo", "user"].map(|user| challenge(user, &secret, &access).len());
        assert_eq!(lengths[0], lengths[1]);
    }
}
