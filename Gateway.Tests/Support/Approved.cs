namespace Gateway.Tests.Support;

/// <summary>What others rely on is approved in a file; a change shows up as a difference there.</summary>
internal static class Approved
{
    /// <summary>Compares with <c>Contracts/{name}</c>. With UPDATE_APPROVED=1 in the environment the file is written instead, to be reviewed as a diff.</summary>
    public static void Matches(string name, string actual)
    {
        var file = Repository.PathOf("Gateway.Tests", "Contracts", name);
        var text = actual.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_APPROVED") == "1")
        {
            File.WriteAllText(file, text);
        }

        Assert.That(text, Is.EqualTo(File.Exists(file) ? File.ReadAllText(file) : ""), $"{name} has changed; if that is meant, run the tests with UPDATE_APPROVED=1 and commit the file");
    }
}
