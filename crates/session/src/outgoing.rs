//! The sending half of the QoS 1 and QoS 2 flows (3.1.1 and 5.0, sections 4.3 and 4.4; 5.0 section 4.9).

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use vitrine_packet::{PacketId, QoS};

/// Packet Identifiers there are.
const IDS: u64 = 65_535;

/// Messages that were sent at QoS 1 or 2 and whose handshake is not complete, in the order of sending.
///
/// `M` is the message, kept until PUBACK or PUBREC; `R` is what is remembered of it from PUBREC to
/// PUBCOMP.
///
/// **Invariants:** an identifier stands for one handshake at a time. The messages on the wire of the
/// present connection are always the first ones, so what is sent again keeps its place.
#[derive(Clone, Debug)]
pub struct Outgoing<M, R> {
    /// Waiting for PUBACK or PUBREC, ordered by [`Flight::number`].
    flights: VecDeque<Flight<M>>,
    /// Waiting for PUBCOMP, in the order of their PUBRECs.
    releases: VecDeque<(Number, R)>,
    /// So many of `flights`, from the front, are on the wire of the present connection.
    on_wire: usize,
    next: Number,
    /// Numbers before this one share their identifier with no handshake under way.
    clear_until: u64,
    limit: u16,
}

/// Identifiers are given out in turn. The count of how often tells order and age, which the identifier
/// alone does not.
#[derive(Clone, Copy, Debug)]
struct Number {
    count: u64,
    id: PacketId,
}

impl Number {
    fn following(self) -> Self {
        Self {
            count: self.count + 1,
            id: self.id.next(),
        }
    }
}

/// A message under way.
#[derive(Clone, Debug)]
pub struct Flight<M> {
    number: Number,
    /// QoS 1 or 2.
    pub qos: QoS,
    /// The message.
    pub message: M,
}

impl<M> Flight<M> {
    /// Its Packet Identifier.
    #[must_use]
    pub const fn id(&self) -> PacketId {
        self.number.id
    }
}

/// What is under way with an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending<'a, M, R> {
    /// A PUBLISH that waits for PUBACK or PUBREC.
    Publish(&'a M),
    /// A PUBREL that waits for PUBCOMP.
    Release(&'a R),
}

/// Why an acknowledgement cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckError {
    /// Nothing is under way with this identifier.
    Unknown,
    /// What is under way with this identifier waits for another kind of acknowledgement.
    Unexpected,
}

/// What a PUBREC led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PubRecOutcome {
    /// The receiver has the message: send PUBREL.
    Release,
    /// It was known already: send PUBREL again.
    Again,
}

impl<M, R> Outgoing<M, R> {
    /// Nothing under way. At most `limit` (at least 1) messages will be at a time.
    #[must_use]
    pub fn new(limit: u16) -> Self {
        Self {
            flights: VecDeque::new(),
            releases: VecDeque::new(),
            on_wire: 0,
            next: Number {
                count: 0,
                id: PacketId::MIN,
            },
            clear_until: IDS,
            limit: limit.max(1),
        }
    }

    /// What was under way when another broker or client ended: messages in the order of sending, and
    /// identifiers that wait for PUBCOMP in the order of their PUBRECs. Like after a lost connection all
    /// are to be sent again. An identifier that comes twice counts once.
    #[must_use]
    pub fn restore(
        limit: u16,
        flights: impl IntoIterator<Item = (PacketId, QoS, M)>,
        releases: impl IntoIterator<Item = (PacketId, R)>,
    ) -> Self {
        let mut outgoing = Self::new(limit);
        // Where an identifier stands in a round; the first round is for what waits for PUBCOMP.
        let place = |id: PacketId| u64::from(id.get()) - 1;
        for (id, kept) in releases {
            if outgoing.find_release(id).is_none() {
                outgoing.releases.push_back((
                    Number {
                        count: place(id),
                        id,
                    },
                    kept,
                ));
            }
        }
        outgoing.next = Number {
            count: IDS,
            id: PacketId::MIN,
        };
        for (id, qos, message) in flights {
            if outgoing.find_release(id).is_some() || outgoing.find_flight(id).is_some() {
                continue;
            }
            // The first number not given out yet that has this identifier.
            let next = outgoing.next.count;
            let count = next + (IDS + place(id) - next % IDS) % IDS;
            let number = Number { count, id };
            outgoing.flights.push_back(Flight {
                number,
                qos,
                message,
            });
            outgoing.next = number.following();
        }
        outgoing.clear_until = outgoing.next.count;
        outgoing
    }

    /// Changes the limit, as a new connection's Receive Maximum does. What is under way stays.
    pub fn set_limit(&mut self, limit: u16) {
        self.limit = limit.max(1);
    }

    /// Handshakes that are not complete.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flights.len() + self.releases.len()
    }

    /// Whether all handshakes are complete.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flights.is_empty() && self.releases.is_empty()
    }

    /// Whether a new message may be sent now: the window is open, and nothing waits to be sent again.
    #[inline]
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.on_wire == self.flights.len() && self.window_open()
    }

    fn window_open(&self) -> bool {
        self.on_wire + self.releases.len() < usize::from(self.limit)
    }

    /// Begins the handshake of a new message and gives it an identifier that is not in use
    /// ([MQTT-2.2.1-3] for a client, [MQTT-2.2.1-4] for a server). Only to be called when [`Self::has_room`]; `None` otherwise.
    pub fn begin(&mut self, qos: QoS, message: M) -> Option<PacketId> {
        if !self.has_room() {
            return None;
        }
        if self.next.count >= self.clear_until {
            self.skip_ids_in_use();
        }
        let number = self.next;
        self.next = number.following();
        self.flights.push_back(Flight {
            number,
            qos,
            message,
        });
        self.on_wire += 1;
        Some(number.id)
    }

    /// The identifier that [`Self::begin`] gives next.
    ///
    /// A user that needs identifiers for other handshakes too (a client for SUBSCRIBE and UNSUBSCRIBE) takes
    /// them with [`Self::pass_over`], and passes over them when their turn comes again while they are in use.
    /// It leaves room for them by a limit that is smaller by as many.
    #[must_use]
    pub fn next_id(&mut self) -> PacketId {
        if self.next.count >= self.clear_until {
            self.skip_ids_in_use();
        }
        self.next.id
    }

    /// Takes the identifier that [`Self::begin`] would have given next. See [`Self::next_id`].
    pub fn pass_over(&mut self) -> PacketId {
        let id = self.next_id();
        self.next = self.next.following();
        id
    }

    /// Moves on to the next identifier that is free, and finds out for how long the ones after it are.
    /// There is a free one, because fewer are in use than the limit.
    #[cold]
    fn skip_ids_in_use(&mut self) {
        let start = self.next.count;
        let numbers = self.flights.iter().map(|flight| flight.number.count);
        let numbers = numbers.chain(self.releases.iter().map(|(number, _)| number.count));
        // When each of the identifiers in use would be given out again.
        let clashes = numbers.map(|count| count + (start - count).div_ceil(IDS) * IDS);
        let mut clashes: Vec<u64> = clashes.collect();
        clashes.sort_unstable();
        // A whole round later those given out from here on may be in use.
        self.clear_until = start + IDS;
        for clash in clashes {
            if clash > self.next.count {
                self.clear_until = clash;
                return;
            }
            self.next = self.next.following();
        }
    }

    /// The handshake that goes with an identifier.
    #[must_use]
    pub fn pending(&self, id: PacketId) -> Option<Pending<'_, M, R>> {
        if let Some(at) = self.find_flight(id) {
            return Some(Pending::Publish(&self.flights[at].message));
        }
        let at = self.find_release(id)?;
        Some(Pending::Release(&self.releases[at].1))
    }

    /// PUBACK came: the handshake of a QoS 1 message is complete.
    ///
    /// # Errors
    /// When no QoS 1 message with this identifier waits for it.
    pub fn acknowledge(&mut self, id: PacketId) -> Result<M, AckError> {
        let Some(at) = self.find_flight(id) else {
            return Err(self.not_a_flight(id));
        };
        if self.flights[at].qos != QoS::AtLeastOnce {
            return Err(AckError::Unexpected);
        }
        self.remove_flight(at).ok_or(AckError::Unknown)
    }

    /// PUBREC with a Reason Code below 0x80 came: the receiver has a QoS 2 message. The message is given
    /// to `keep`, which says what is remembered of it until PUBCOMP.
    ///
    /// # Errors
    /// When no QoS 2 message with this identifier is under way.
    pub fn received(
        &mut self,
        id: PacketId,
        keep: impl FnOnce(M) -> R,
    ) -> Result<PubRecOutcome, AckError> {
        let Some(at) = self.find_flight(id) else {
            return match self.find_release(id) {
                Some(_) => Ok(PubRecOutcome::Again),
                None => Err(AckError::Unknown),
            };
        };
        let Flight { number, qos, .. } = self.flights[at];
        if qos != QoS::ExactlyOnce {
            return Err(AckError::Unexpected);
        }
        let message = self.remove_flight(at).ok_or(AckError::Unknown)?;
        self.releases.push_back((number, keep(message)));
        Ok(PubRecOutcome::Release)
    }

    /// PUBREC with a Reason Code of 0x80 or above came: the receiver refuses a QoS 2 message, which ends
    /// its handshake [MQTT-4.4.0-2].
    ///
    /// # Errors
    /// When no QoS 2 message with this identifier waits for PUBREC.
    pub fn refused(&mut self, id: PacketId) -> Result<M, AckError> {
        let Some(at) = self.find_flight(id) else {
            return Err(self.not_a_flight(id));
        };
        if self.flights[at].qos != QoS::ExactlyOnce {
            return Err(AckError::Unexpected);
        }
        self.remove_flight(at).ok_or(AckError::Unknown)
    }

    /// Gives up on a message that was never sent. Its identifier is free again.
    pub fn abandon(&mut self, id: PacketId) -> Option<M> {
        let at = self.find_flight(id)?;
        self.remove_flight(at)
    }

    /// PUBCOMP came: the handshake of a QoS 2 message is complete.
    ///
    /// # Errors
    /// When nothing with this identifier waits for it.
    pub fn complete(&mut self, id: PacketId) -> Result<R, AckError> {
        let Some(at) = self.find_release(id) else {
            let waits_for_other = self.find_flight(id).is_some();
            return Err(if waits_for_other {
                AckError::Unexpected
            } else {
                AckError::Unknown
            });
        };
        self.releases
            .remove(at)
            .map(|(_, kept)| kept)
            .ok_or(AckError::Unknown)
    }

    /// The connection is gone: whatever is under way is to be sent again on the next one.
    pub fn connection_lost(&mut self) {
        self.on_wire = 0;
    }

    /// The next message to be sent again on a new connection, in the original order and with its old
    /// identifier [MQTT-4.4.0-1], as the window allows. Each is given once for each connection.
    pub fn next_resend(&mut self) -> Option<&mut Flight<M>> {
        if !self.window_open() {
            return None;
        }
        let flight = self.flights.get_mut(self.on_wire)?;
        self.on_wire += 1;
        Some(flight)
    }

    /// The PUBRELs to be sent again on a new connection, in the order of their PUBRECs.
    pub fn releases(&self) -> impl Iterator<Item = (PacketId, &R)> {
        self.releases.iter().map(|(number, kept)| (number.id, kept))
    }

    /// What is remembered of the messages that wait for PUBCOMP, in the order of their PUBRECs.
    pub fn releases_mut(&mut self) -> impl Iterator<Item = (PacketId, &mut R)> {
        let releases = self.releases.iter_mut();
        releases.map(|(number, kept)| (number.id, kept))
    }

    /// The messages that wait for PUBACK or PUBREC, in the order of sending.
    pub fn flights(&self) -> impl DoubleEndedIterator<Item = &Flight<M>> {
        self.flights.iter()
    }

    /// The messages that wait for PUBACK or PUBREC, in the order of sending.
    pub fn flights_mut(&mut self) -> impl Iterator<Item = &mut Flight<M>> {
        self.flights.iter_mut()
    }

    /// Takes the latest message back, as if it had never been sent, when `unsent` says so of it. Its
    /// identifier is free again.
    pub fn take_back_if(&mut self, unsent: impl FnOnce(&M) -> bool) -> Option<Flight<M>> {
        if !unsent(&self.flights.back()?.message) {
            return None;
        }
        let flight = self.flights.pop_back()?;
        self.on_wire = self.on_wire.min(self.flights.len());
        Some(flight)
    }

    fn not_a_flight(&self, id: PacketId) -> AckError {
        match self.find_release(id) {
            Some(_) => AckError::Unexpected,
            None => AckError::Unknown,
        }
    }

    fn remove_flight(&mut self, at: usize) -> Option<M> {
        if at < self.on_wire {
            self.on_wire -= 1;
        }
        self.flights.remove(at).map(|flight| flight.message)
    }

    /// Acknowledgements mostly come in order, so the first place is looked at first.
    fn find_flight(&self, id: PacketId) -> Option<usize> {
        let first = self.flights.front()?.number;
        if first.id == id {
            return Some(0);
        }
        // The latest number with this identifier, then the ones a whole round before it.
        let back = match (IDS + u64::from(self.next.id.get()) - u64::from(id.get())) % IDS {
            0 => IDS,
            back => back,
        };
        let mut count = self.next.count.checked_sub(back)?;
        while count > first.count {
            if let Ok(at) = self
                .flights
                .binary_search_by_key(&count, |flight| flight.number.count)
            {
                return Some(at);
            }
            count = count.checked_sub(IDS)?;
        }
        None
    }

    fn find_release(&self, id: PacketId) -> Option<usize> {
        self.releases.iter().position(|(number, _)| number.id == id)
    }
}
