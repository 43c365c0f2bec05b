using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Plugtest;

/// <summary>The resources of TD_COAP_BLOCK, as a client sees them that needs no blocks.</summary>
internal sealed class LargeTests : PlugtestFixture
{
    [Test]
    public void What_is_put_is_what_is_got()
    {
        Client.Send(CON, 1, PUT, "/large-update", "short", Number(OptionNumber.ContentFormat, 0)).Expect(ACK, 1, "2.04");
        Client.Send(CON, 2, GET, "/large-update").Expect(ACK, 2, "2.05");
        Assert.That(Client.LastText, Is.EqualTo("short"));
    }

    [Test]
    public void What_is_created_is_found_where_the_answer_says()
    {
        Client.Send(CON, 1, POST, "/large-create", "made").Expect(ACK, 1, "2.01");
        var location = Texts(OptionNumber.LocationPath);

        Assert.That(location, Has.Length.EqualTo(2));
        Assert.That(location[0], Is.EqualTo("large-create"));
        Client.Send(CON, 2, GET, string.Join('/', location)).Expect(ACK, 2, "2.05");
        Assert.That(Client.LastText, Is.EqualTo("made"));
    }

    [Test]
    public void Only_the_last_sixteen_that_were_created_are_kept()
    {
        for (var id = 1; id <= 17; id++)
        {
            Client.Send(CON, id, POST, "/large-create", $"number {id}").Expect(ACK, id, "2.01");
        }

        Client.Send(CON, 18, GET, "/large-create/1").Expect(ACK, 18, "4.04");
        Client.Send(CON, 19, GET, "/large-create/2").Expect(ACK, 19, "2.05");
        Assert.That(Client.LastText, Is.EqualTo("number 2"));
    }
}
