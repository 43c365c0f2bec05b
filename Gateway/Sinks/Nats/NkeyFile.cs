using NATS.NKeys;

namespace Gateway.Sinks;

/// <summary>The file of an NKey: its seed in a line of its own, as <c>nk -gen user</c> writes it. The public key is made of that.</summary>
internal static class NkeyFile
{
    /// <exception cref="InvalidDataException">There is no seed in it.</exception>
    public static (string PublicKey, string Seed) Read(string file)
    {
        var seed = File.ReadLines(file).Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith("SU", StringComparison.Ordinal))
            ?? throw new InvalidDataException($"nkey_file: there is no seed of a user in {file}");
        try
        {
            using var key = KeyPair.FromSeed(seed);
            return (key.GetPublicKey(), seed);
        }
        catch (Exception exception) when (exception is NKeysException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"nkey_file: the seed in {file} is damaged");
        }
    }
}
