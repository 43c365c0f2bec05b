using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Gateway.Tests.Families;

/// <summary>The samples of what stands on the other side of sinks do what their pages say.</summary>
internal sealed partial class ReceiverTests
{
    private const string Key = "a-key-of-the-tests-own";

    [Test]
    public async Task The_webhook_receiver_keeps_what_the_gateway_posts()
    {
        using var folder = new TempFolder();
        using var receiver = Start(folder.PathOf("readings.db"));
        var port = Port().Match(await receiver.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Limit) ?? "").Groups[1].Value;
        try
        {
            await using var gateway = await GatewayUnderTest.StartAsync(sets: [$"sinks.web={{\"type\":\"http\",\"url\":\"http://127.0.0.1:{port}/\",\"signature_key\":\"{Key}\"}}"]);
            await gateway.PostAsync("/m", Frames.Efento);
            await Eventually.HoldsAsync(() => Count(folder.PathOf("readings.db")) == 4, "four readings in the receiver's database");
        }
        finally
        {
            receiver.Kill();
        }
    }

    [Test]
    public void The_configuration_of_the_site_can_be_used()
    {
        var configuration = ConfigurationLoader.Load(new ConfigurationSources
        {
            File = Repository.PathOf("samples", "site", "gateway.json"),
            Environment = new Dictionary<string, string> { ["READINGS_PASSWORD"] = "secret" },
            Sets = [$"scripts.path={Repository.PathOf("scripts")}"],
        });

        Assert.That(configuration.ProblemLines, Is.Empty);
        Assert.That(configuration.Settings.Sinks.Keys, Is.EquivalentTo(["broker", "database"]));
    }

    private static Process Start(string database)
    {
        var start = new ProcessStartInfo("python3", [Repository.PathOf("samples", "webhook", "receive.py"), "0", database]) { RedirectStandardOutput = true };
        start.Environment["READINGS_KEY"] = Key;
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("python3 is not installed");
            throw;
        }
    }

    private static int Count(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM readings";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:(\d+)")]
    private static partial Regex Port();
}
