//! The packets that are raced over.

use vitrine_packet::{
    Ack, Packet, PacketId, Properties, Property, PropertyBuf, ProtocolVersion, Publish, QoS,
};

/// A packet as bytes.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) version: ProtocolVersion,
    pub(crate) bytes: Vec<u8>,
}

impl Sample {
    /// A PUBLISH of 3.1.1 with QoS 1 and a payload of this many bytes.
    pub(crate) fn publish(payload: usize) -> Self {
        let name = match payload {
            64 => "PUBLISH QoS 1, 64 B",
            4096 => "PUBLISH QoS 1, 4 KiB",
            _ => "PUBLISH QoS 1",
        };
        Self::of_publish(name, ProtocolVersion::V3_1_1, Properties::EMPTY, payload)
    }

    /// A PUBLISH of 5.0 with QoS 1, two User Properties and a payload of this many bytes.
    pub(crate) fn publish_with_user_properties(payload: usize) -> Self {
        let mut properties = PropertyBuf::new();
        for property in [
            Property::UserProperty("unit", "degree Celsius"),
            Property::UserProperty("source", "sensor-5000"),
        ] {
            properties.push(property).expect("it is short");
        }
        let name = "PUBLISH 5.0 QoS 1, 64 B, 2 User Properties";
        Self::of_publish(
            name,
            ProtocolVersion::V5,
            properties.as_properties(),
            payload,
        )
    }

    /// A PUBACK of 3.1.1.
    pub(crate) fn puback() -> Self {
        let packet = Packet::PubAck(Ack::success(id()));
        Self::of("PUBACK", ProtocolVersion::V3_1_1, packet)
    }

    fn of_publish(
        name: &'static str,
        version: ProtocolVersion,
        properties: Properties<'_>,
        payload: usize,
    ) -> Self {
        let packet = Packet::Publish(Publish {
            dup: false,
            qos: QoS::AtLeastOnce,
            retain: false,
            topic: "area/10/sensor/5000/temperatura",
            packet_id: Some(id()),
            properties,
            payload: &vec![b'x'; payload],
        });
        Self::of(name, version, packet)
    }

    fn of(name: &'static str, version: ProtocolVersion, packet: Packet<'_>) -> Self {
        let mut bytes = Vec::new();
        packet
            .encode(version, &mut bytes)
            .expect("it can be written");
        Self {
            name,
            version,
            bytes,
        }
    }

    /// How many of it make a batch: as many as the nearest cache can hold, within reason.
    pub(crate) fn batch(&self) -> usize {
        (24 * 1024 / self.bytes.len()).clamp(64, 1024)
    }

    /// A batch, one packet after the other.
    pub(crate) fn stream(&self) -> Vec<u8> {
        self.bytes.repeat(self.batch())
    }

    pub(crate) fn is_v5(&self) -> bool {
        self.version == ProtocolVersion::V5
    }
}

fn id() -> PacketId {
    PacketId::new(4711).expect("it is not 0")
}
