//! A virtual client with its machine.

use alloc::format;
use alloc::rc::Rc;

use vitrine_broker::ConnectionId;
use vitrine_client::{Client, Options};
use vitrine_packet::ReasonCode;
use vitrine_session::Time;

use crate::Line;
use crate::scram::{self, METHOD, Scram};

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What its client connects with, without what it proves in another way.
    pub(crate) options: Options,
    pub(crate) client: Client,
    /// Whether it runs.
    pub(crate) up: bool,
    pub(crate) link: Option<ConnectionId>,
    pub(crate) line: Line,
    pub(crate) name: Rc<str>,
    number: usize,
    /// Where its client proves its password by SCRAM-SHA-256.
    scram: Option<Scram>,
}

impl Node {
    pub(crate) fn new(
        number: usize,
        name: Rc<str>,
        options: Options,
        line: Line,
        now: Time,
    ) -> Self {
        let (options, scram) = split(number, options, None);
        Self {
            client: Client::new(options.clone(), now),
            options,
            up: true,
            link: None,
            line,
            name,
            number,
            scram,
        }
    }

    /// What its client connects with from now on.
    pub(crate) fn set_options(&mut self, options: Options) {
        let (options, scram) = split(self.number, options, self.scram.take());
        self.scram = scram;
        let mut options = options;
        if options.client_id.is_empty() {
            // The one that a server gave it stays.
            options.client_id = Rc::clone(&self.client.options().client_id);
        }
        self.options = options.clone();
        *self.client.options_mut() = options;
    }

    /// Puts the first message of an exchange into the CONNECT that comes.
    pub(crate) fn begin_scram(&mut self) {
        if let Some(scram) = &mut self.scram {
            let data = scram.begin().into();
            self.client.options_mut().authentication = Some((METHOD.into(), data));
        }
    }

    /// Begins an exchange on the connection that there is.
    ///
    /// # Errors
    /// Why it cannot.
    pub(crate) fn begin_again(&mut self, now: Time) -> Result<(), Rc<str>> {
        let scram = self.scram.as_mut();
        let scram = scram.ok_or("it does not authenticate by SCRAM-SHA-256 (auth=scram)")?;
        if scram.is_under_way() {
            return Err("it authenticates already, and has no answer yet".into());
        }
        let data = scram.begin();
        self.client.authenticate(&data, now);
        Ok(())
    }

    /// Has its client prove another password than its own.
    pub(crate) fn learn(&mut self, passwords: &vitrine_broker::Access) {
        if let Some(scram) = &mut self.scram {
            scram.learn(passwords);
        }
    }

    /// Answers an AUTH, or the end of an exchange. Whether there is something to be done for the client now.
    pub(crate) fn prove(&mut self, reason: ReasonCode, data: &[u8], now: Time) -> bool {
        let Some(scram) = &mut self.scram else {
            return false;
        };
        if reason == ReasonCode::ContinueAuthentication {
            // What is no challenge is answered with nothing, and the server ends it.
            let answer = scram.answer(data).unwrap_or_default();
            self.client.authenticate(&answer, now);
            return true;
        }
        let is_server = scram.proves(data);
        if !is_server {
            self.client.disconnect(ReasonCode::NotAuthorized, None, now);
        }
        !is_server
    }
}

/// What the client is told, and who proves its password where it is not part of that. A client that had proved one
/// before goes on counting.
fn split(number: usize, mut options: Options, before: Option<Scram>) -> (Options, Option<Scram>) {
    if !scram::is_wanted(&options) {
        return (options, None);
    }
    let user = options.username.take().unwrap_or_default();
    let password = options.password.take().unwrap_or_default();
    let mut scram = Scram::new(&user, &password, &format!("lab{number}"));
    if let Some(before) = before {
        scram.go_on_from(&before);
    }
    (options, Some(scram))
}
