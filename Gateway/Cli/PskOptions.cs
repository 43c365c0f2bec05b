using System.CommandLine;
using System.Text;
using Gateway.Coap.Dtls;
using Gateway.Scripting;

namespace Gateway.Cli;

/// <summary>
/// Where a client's DTLS key comes from: a file or the environment, for everyone on the machine can read a command line. Either holds
/// <c>identity:key</c> with the key as hexadecimal digits, as GnuTLS's psktool writes it; a file may have one on each line.
/// </summary>
internal sealed class PskOptions
{
    private const string Variable = "GATEWAY_PSK";
    private const string Form = "identity:key, the key as hexadecimal digits";

    private readonly Option<FileInfo?> _file = new("--psk-file")
    {
        Description = $"For coaps: a file with lines of {Form}, as psktool writes it; the environment's {Variable} when missing.",
    };

    private readonly Option<string?> _identity = new("--psk-identity") { Description = "Which identity of them to use; the first when missing." };

    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        command.Options.Add(_identity);
    }

    /// <summary>The key; null, with the reason written out, when there is none.</summary>
    public DtlsClientSettings? Read(ParseResult result)
    {
        var error = result.InvocationConfiguration.Error;
        var (place, text) = (Variable, Environment.GetEnvironmentVariable(Variable));
        try
        {
            if (result.GetValue(_file) is { } file)
            {
                (place, text) = (file.FullName, File.ReadAllText(file.FullName));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"--psk-file: {e.Message}");
            return null;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            error.WriteLine($"coaps needs a key: --psk-file FILE, or {Variable} in the environment, with {Form}");
            return null;
        }

        return Find(text, result.GetValue(_identity), place, error);
    }

    private static DtlsClientSettings? Find(string text, string? wanted, string place, TextWriter error)
    {
        var number = 0;
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            number++;
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }

            // An identity may have colons, and hexadecimal digits have none.
            var colon = line.LastIndexOf(':');
            if (colon < 1 || !HexText.TryParse(line[(colon + 1)..], out var key) || key.Length == 0)
            {
                error.WriteLine($"{place}, line {number}: {Form} is expected, such as sensor-1:{Convert.ToHexStringLower(Encoding.UTF8.GetBytes("a secret"))}");
                return null;
            }

            if (wanted is null || wanted == line[..colon])
            {
                return new DtlsClientSettings(line[..colon], key);
            }
        }

        error.WriteLine(wanted is null ? $"{place}: no line has {Form}" : $"{place}: no line begins with \"{wanted}:\" (--psk-identity)");
        return null;
    }
}
