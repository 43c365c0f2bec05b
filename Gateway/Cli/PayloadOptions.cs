using System.CommandLine;
using Gateway.Scripting;

namespace Gateway.Cli;

/// <summary>The options that give a payload: as hexadecimal digits or as a file of raw bytes.</summary>
internal sealed class PayloadOptions
{
    private readonly Option<string?> _hex = new("--hex") { Description = "The payload as hexadecimal digits; spaces and colons between them are skipped." };
    private readonly Option<FileInfo?> _file = new("--file", "-f") { Description = "A file with the payload's bytes." };

    public void AddTo(Command command)
    {
        command.Options.Add(_hex);
        command.Options.Add(_file);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_hex) is not null && result.GetValue(_file) is not null)
            {
                result.AddError("--hex and --file both give the payload; give one of them");
            }
        });
    }

    /// <summary>Whether a payload is given.</summary>
    public bool IsGiven(ParseResult result) => result.GetValue(_hex) is not null || result.GetValue(_file) is not null;

    /// <summary>The payload, empty when none is given; null, with the reason written out, when it cannot be read.</summary>
    public byte[]? Read(ParseResult result)
    {
        var error = result.InvocationConfiguration.Error;
        try
        {
            if (result.GetValue(_file) is { } file)
            {
                return File.ReadAllBytes(file.FullName);
            }

            if (HexText.TryParse(result.GetValue(_hex) ?? "", out var bytes))
            {
                return bytes;
            }

            error.WriteLine("--hex: an even number of hexadecimal digits is expected, such as 0a06282c02");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"--file: {e.Message}");
        }

        return null;
    }
}
