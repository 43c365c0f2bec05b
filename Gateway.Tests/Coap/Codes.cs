using Gateway.Coap;

namespace Gateway.Tests.Coap;

/// <summary>The RFC's own short words, for scripts that read like its figures: <c>using static</c>.</summary>
internal static class Codes
{
    public const MessageType CON = MessageType.Confirmable;
    public const MessageType NON = MessageType.NonConfirmable;
    public const MessageType ACK = MessageType.Acknowledgement;
    public const MessageType RST = MessageType.Reset;

    public static readonly CoapCode GET = CoapCode.Get;
    public static readonly CoapCode POST = CoapCode.Post;
    public static readonly CoapCode PUT = CoapCode.Put;
    public static readonly CoapCode DELETE = CoapCode.Delete;

    public static CoapCode Code(string text) => CoapCode.TryParse(text, out var code) ? code : throw new ArgumentException($"{text} is no code");
}
