using Gateway.Configuration;
using Gateway.Sinks;
using Gateway.Tests.Support;
using Npgsql;

namespace Gateway.Tests.Sinks.PostgreSql;

internal sealed class PostgreSqlSettingsTests
{
    [TestCase("""{ "type": "postgresql" }""", "sinks.a.connection: must be given")]
    [TestCase("""{ "type": "postgresql", "connection": "postgres://db/x" }""", "sinks.a.connection: is no connection string: write Host=server")]
    [TestCase("""{ "type": "postgresql", "connection": "Database=x" }""", "sinks.a.connection: names no Host")]
    [TestCase("""{ "type": "postgresql", "connection": "Host=db;Password=se;cret=1" }""", "sinks.a.connection: has a keyword that Npgsql does not know, or a value that it does not take, in its part 3")]
    [TestCase("""{ "type": "postgresql", "connection": "Host=db;Port=cret" }""", "sinks.a.connection: has a keyword that Npgsql does not know, or a value that it does not take, in its part 2")]
    [TestCase("""{ "type": "postgresql", "connection": "Host=db;Password=cret", "password": "cret" }""", "sinks.a.password: stands in connection too: give it once")]
    [TestCase("""{ "type": "postgresql", "connection": "Host=db", "table": "a.b.c" }""", "sinks.a.table: has more than one point")]
    [TestCase("""{ "type": "postgresql", "connection": "Host=db", "table": "a." }""", "sinks.a.table: has nothing before or behind its point")]
    [TestCase("""{ "type": "postgresql", "connection": "Host=db", "table": "" }""", "sinks.a.table: must not be empty")]
    [TestCase("""{ "type": "postgresql", "connection": "Host=db", "table": "äääääääääääääääääääääääääääääääää" }""", "sinks.a.table: has a name of more than the 63 bytes")]
    [TestCase("""{ "type": "postgresql", "connection": "Host=db", "format": "senml" }""", "sinks.a.format: must be json")]
    [TestCase("""{ "type": "postgresql", "connection": "Host=db", "timeout_seconds": 0 }""", "sinks.a.timeout_seconds: ")]
    public void Bad_settings_are_refused_at_start(string sink, string problem) =>
        Assert.That(Load(sink).ProblemLines.Single(), Does.Contain(problem).And.Not.Contain("cret="));

    [Test]
    public void The_password_comes_from_the_environment_and_files_from_the_folder()
    {
        var loaded = Load("""{ "type": "postgresql", "connection": "Host=db;SSL Mode=VerifyFull;Root Certificate=ca.pem", "password": "${TOKEN}" }""");

        Assert.That(loaded.ProblemLines, Is.Empty);
        var options = PostgreSqlOptions.Of((PostgreSqlSinkSettings)loaded.Settings.Sinks["a"]);
        Assert.That((options.Password, options.SslMode), Is.EqualTo(("s3;cret", SslMode.VerifyFull)));
        Assert.That(options.RootCertificate, Is.EqualTo(Path.Combine(loaded.BaseFolder, "ca.pem")));
    }

    [TestCase("readings", "\"readings\"")]
    [TestCase("Farm.Readings of \"today\"", "\"Farm\".\"Readings of \"\"today\"\"\"")]
    public void A_table_is_called_what_the_settings_say(string table, string quoted) =>
        Assert.That(PostgreSqlName.Parse(table).Quoted, Is.EqualTo(quoted));

    private static LoadedConfiguration Load(string sink)
    {
        using var folder = new TempFolder();
        return ConfigurationLoader.Load(new ConfigurationSources
        {
            File = folder.Write("gateway.json", $$"""{ "sinks": { "a": {{sink}} } }"""),
            Environment = new Dictionary<string, string> { ["TOKEN"] = "s3;cret" },
        });
    }
}
