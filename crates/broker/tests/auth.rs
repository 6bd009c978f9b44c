//! Enhanced authentication with SCRAM-SHA-256 (5.0, sections 3.15 and 4.12).

mod again;
mod connecting;

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use vitrine_broker::{Access, Config, ConnectionId, ScramKeys, Secret, User};
use vitrine_packet::{Auth, Packet, Properties, Property, ReasonCode};

use crate::harness::*;

const METHOD: &str = "SCRAM-SHA-256";
const CONTINUE: ReasonCode = ReasonCode::ContinueAuthentication;
const AGAIN: ReasonCode = ReasonCode::ReAuthenticate;

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn salted(password: &str, salt: &[u8], iterations: u32) -> [u8; 32] {
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, iterations, &mut salted);
    salted
}

fn user(password: &str, salt: &[u8]) -> User {
    let salted = salted(password, salt, 4_096);
    let keys = ScramKeys {
        salt: salt.into(),
        iterations: 4_096,
        stored_key: Sha256::digest(mac(&salted, b"Client Key")).into(),
        server_key: mac(&salted, b"Server Key").try_into().unwrap(),
    };
    User {
        password: None,
        scram: Some(keys),
    }
}

/// The users `ann` and `b,b=`, whose passwords are their names; and `plain`, who has other ways.
fn users() -> Access {
    let plain = User {
        password: Some("hash".into()),
        scram: None,
    };
    Access {
        anonymous: false,
        users: [
            ("ann".into(), user("ann", b"salt of ann, 16b")),
            ("b,b=".into(), user("b,b=", b"salt of bob, 16b")),
            ("plain".into(), plain),
        ]
        .into(),
        ..Access::default()
    }
}

fn config(access: Access) -> Config {
    Config {
        access: access.into(),
        secret: Secret::new(*b"nobody outside may know of these"),
        ..Config::default()
    }
}

fn world() -> World {
    World::with(config(users()))
}

/// A client's half of the exchange (RFC 5802, section 3).
struct Client {
    first: String,
    password: &'static str,
    /// What the server is to prove.
    signature: String,
}

impl Client {
    fn new(user: &str, password: &'static str) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        Self {
            first: format!("n={user},r=nonce-of-the-client"),
            password,
            signature: String::new(),
        }
    }

    fn first(&self) -> String {
        format!("n,,{}", self.first)
    }

    fn last(&mut self, challenge: &str) -> String {
        let parts: Vec<_> = challenge.split(',').map(|part| part.split_at(2)).collect();
        let [("r=", nonce), ("s=", salt), ("i=", iterations)] = parts[..] else {
            panic!("{challenge}");
        };
        assert!(nonce.starts_with("nonce-of-the-client"));
        assert_eq!(nonce.len(), "nonce-of-the-client".len() + 32);
        let salt = STANDARD.decode(salt).unwrap();
        let salted = salted(self.password, &salt, iterations.parse().unwrap());
        let without_proof = format!("c=biws,r={nonce}");
        let messages = format!("{},{challenge},{without_proof}", self.first);
        let key = mac(&salted, b"Client Key");
        let signature = mac(&Sha256::digest(&key), messages.as_bytes());
        let proof: Vec<u8> = key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        let server_key = mac(&salted, b"Server Key");
        self.signature = format!(
            "v={}",
            STANDARD.encode(mac(&server_key, messages.as_bytes()))
        );
        format!("{without_proof},p={}", STANDARD.encode(proof))
    }
}

fn hello<'a>(client: &'a str, data: &'a str) -> Hello<'a> {
    Hello::v5(client)
        .with(Property::AuthenticationMethod(METHOD))
        .with(Property::AuthenticationData(data.as_bytes()))
}

/// The method and the data of the properties of a step.
fn data(properties: Properties<'_>) -> String {
    assert_eq!(properties.authentication_method(), Some(METHOD));
    let data = properties.authentication_data().unwrap();
    String::from_utf8(data.into()).unwrap()
}

impl World {
    fn auth(&mut self, connection: ConnectionId, reason: ReasonCode, method: &str, data: &str) {
        let properties = buf(&[
            Property::AuthenticationMethod(method),
            Property::AuthenticationData(data.as_bytes()),
        ]);
        let properties = properties.as_properties();
        self.send(connection, Packet::Auth(Auth { reason, properties }));
    }

    /// The data of the AUTH that came last, which must have this reason.
    fn step(&self, connection: ConnectionId, reason: ReasonCode) -> String {
        let packet = self.raw(connection).last().expect("a packet came");
        match Packet::decode(packet, V5).unwrap() {
            Packet::Auth(auth) => {
                assert_eq!(auth.reason, reason);
                data(auth.properties)
            }
            other => panic!("{other:?}"),
        }
    }

    /// Authenticates as far as to the answer of the server.
    fn authenticate(&mut self, name: &str, client: &mut Client) -> ConnectionId {
        let connection = self.say(&hello(name, &client.first()));
        let last = client.last(&self.step(connection, CONTINUE));
        self.take(connection);
        self.auth(connection, CONTINUE, METHOD, &last);
        connection
    }

    /// Connects the user `ann`.
    fn ann(&mut self) -> (ConnectionId, Client) {
        let mut client = Client::new("ann", "ann");
        let connection = self.authenticate("a", &mut client);
        assert!(self.take(connection)[0].starts_with("CONNACK 00"));
        (connection, client)
    }
}

/// The User Name of a Session.
fn user_of(world: &World, client: &str) -> Option<Rc<str>> {
    world.broker.session(client)?.user
}
