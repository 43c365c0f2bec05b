namespace Gateway.Coap.Dtls;

/// <summary>What a record carries (RFC 5246 §6.2.1, RFC 9146 §4).</summary>
internal enum RecordType : byte
{
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,

    /// <summary>A protected record that names its connection; what it carries is known once it is opened.</summary>
    WithConnectionId = 25,
}
