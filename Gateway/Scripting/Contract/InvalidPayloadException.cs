namespace Gateway.Scripting.Contract;

/// <summary>
/// Thrown by a script's <c>parse</c> or <c>identify</c> when the bytes are not what the device should have sent.
/// The device gets 4.00 (Bad Request) with the message as diagnostic payload, and the frame is kept with it.
/// Any other exception counts as a fault of the script: the frame is kept, to be parsed again when the script is mended.
/// </summary>
/// <param name="message">What is wrong with the payload.</param>
/// <param name="inner">The exception that showed it, if any.</param>
public sealed class InvalidPayloadException(string message, Exception? inner = null) : Exception(message, inner);
