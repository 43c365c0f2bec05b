using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Tests.Sinks.Mqtt;

/// <summary>A line of mosquitto's file of passwords: PBKDF2 with SHA-512, as its <c>$7$</c> means.</summary>
internal static class MosquittoPassword
{
    private const int Rounds = 101;

    public static string Line(string user, string password)
    {
        var salt = "twelve bytes"u8.ToArray();
        var hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Rounds, HashAlgorithmName.SHA512, 64);
        return string.Create(CultureInfo.InvariantCulture, $"{user}:$7${Rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}\n");
    }
}
