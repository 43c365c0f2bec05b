using System.Security.Cryptography;
using System.Text;

namespace Gateway.Intake;

/// <summary>The request id of a command that has none: of the broker's own name for its message, so that it is the same when the message comes again.</summary>
internal static class StableId
{
    // What a request_id may have, with room for the rest.
    private const int MaxLog = 60;
    private const int HashLength = 16;

    /// <param name="kind">The kind of broker.</param>
    /// <param name="log">The stream or topic; of a long name stands a hash, for an id has at most 128 characters.</param>
    /// <param name="place">The message's place in it.</param>
    public static string Of(string kind, string log, string place) =>
        $"{kind}-{(log.Length <= MaxLog && !log.Contains('/', StringComparison.Ordinal) ? log : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(log)))[..HashLength])}-{place}";
}
