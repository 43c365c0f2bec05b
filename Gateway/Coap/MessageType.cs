namespace Gateway.Coap;

/// <summary>A message's type, with the number that stands for it in the header (RFC 7252 §3).</summary>
internal enum MessageType : byte
{
    Confirmable = 0,
    NonConfirmable = 1,
    Acknowledgement = 2,
    Reset = 3,
}
