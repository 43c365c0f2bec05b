using Gateway.Coap;
using Gateway.Devices;
using Gateway.Journal;
using Gateway.Tests.Support;
using Gateway.Uplink;

namespace Gateway.Tests.Uplink;

/// <summary>What a device is told: the table of docs/answers.md.</summary>
internal sealed class UplinkFailureTests
{
    private const string Failing = """
        List<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config) =>
            payload[0] == 0 ? throw new InvalidPayloadException("no such version") : throw new InvalidOperationException("a bug");
        byte[]? format_command(Command command, DeviceConfig config) => null;
        """;

    [TestCase(UplinkFailure.NotIdentified, "4.00", false)]
    [TestCase(UplinkFailure.NotRegistered, "4.04", false)]
    [TestCase(UplinkFailure.NoRoomToRegister, "5.03", true)]
    [TestCase(UplinkFailure.InvalidPayload, "4.00", false)]
    [TestCase(UplinkFailure.UnknownDevice, "4.03", false)]
    [TestCase(UplinkFailure.Held, "4.03", false)]
    [TestCase(UplinkFailure.ScriptFault, "5.00", false)]
    [TestCase(UplinkFailure.NoAnswer, "5.00", false)]
    [TestCase(UplinkFailure.ProofMissing, "4.01", false)]
    [TestCase(UplinkFailure.ProofWrong, "4.03", false)]
    [TestCase(UplinkFailure.PeerNotAllowed, "4.03", false)]
    [TestCase(UplinkFailure.ProofThrottled, "4.29", true)]
    [TestCase(UplinkFailure.ProofUnreadable, "5.03", true)]
    [TestCase(UplinkFailure.NoRoomToHold, "5.03", true)]
    [TestCase(UplinkFailure.ScriptNotReady, "5.03", true)]
    [TestCase(UplinkFailure.NotDurable, "5.03", true)]
    [TestCase(UplinkFailure.KeptForLater, "5.03", true)]
    public void Each_failure_has_its_code_and_whoever_is_to_come_back_is_told_when(UplinkFailure failure, string code, bool hasMaxAge)
    {
        var response = failure.ToResponse("why");

        Assert.That((response.Code.ToString(), response.MaxAge is not null), Is.EqualTo((code, hasMaxAge)));
    }

    [Test]
    public void No_failure_is_forgotten_in_the_documentation()
    {
        var table = File.ReadAllText(Repository.PathOf("docs", "answers.md"));

        Assert.That(Enum.GetNames<UplinkFailure>().Where(name => !table.Contains($"`{System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name)}`", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase(0, "on_malformed=refuse", "4.00")]
    [TestCase(0, "on_malformed=accept", "2.01")]
    [TestCase(0, "on_malformed=retry", "5.03")]
    [TestCase(1, "on_script_fault=accept", "2.01")]
    [TestCase(1, "on_script_fault=refuse", "5.00")]
    [TestCase(1, "on_script_fault=retry", "5.03")]
    public async Task The_profile_says_what_a_device_is_told_and_the_frame_is_kept_anyhow(byte payload, string setting, string expected)
    {
        using var folder = new TempFolder();
        folder.Write("scripts/json.csx", Failing);
        await using var gateway = await GatewayUnderTest.StartAsync(folder, sets: $"profiles.json.{setting}");

        var answer = await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", [payload]);

        Assert.That(answer.Code.ToString(), Does.StartWith(expected));
        Assert.That(gateway.Journal.Read(0, 10).Single().Payload.ToArray(), Is.EqualTo(new[] { payload }));
    }

    [TestCase(null, "4.03")]
    [TestCase("accept", "2.01")]
    [TestCase("refuse", "4.03")]
    [TestCase("retry", "5.03")]
    public async Task A_device_that_waits_for_approval_is_told_what_its_profile_says(string? answer, string expected)
    {
        // Without an answer of its own: a device that nobody has let in gets no success.
        string[] set = answer is null ? [] : [$"profiles.json.on_held={answer}"];
        await using var gateway = await GatewayUnderTest.StartAsync(sets: ["profiles.json.unknown_devices=hold", .. set]);

        var told = await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", "{}"u8.ToArray());

        Assert.That(told.Code.ToString(), Does.StartWith(expected));
        Assert.That(gateway.Journal.Read(0, 10).Single().Outcome, Is.EqualTo(FrameOutcome.Held));
    }

    [Test]
    public void What_was_read_is_refused_by_no_profile() =>
        Assert.That(UplinkFailures.RefusalOf(FrameOutcome.Parsed, new ProfileSettings { OnHeld = KeptAnswer.Refuse, OnMalformed = KeptAnswer.Refuse, OnScriptFault = KeptAnswer.Refuse }), Is.Null);
}
