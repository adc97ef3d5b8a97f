from fhirsite.head_requests import HeadRequests


class Answer(list):
    """What an application answers with, as Django's: to be closed at the end."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


class TestHeadRequests:
    def test_lose_the_body_and_close_the_answer(self):
        answer, started = Answer([b"body"]), []

        def application(environ, start_response):
            start_response("200 OK", [("Content-Length", "4")])
            return answer

        body = HeadRequests(application)({"REQUEST_METHOD": "HEAD"}, lambda *heads: started.append(heads))

        assert body == []
        assert answer.is_closed is True
        assert started == [("200 OK", [("Content-Length", "4")])]

    def test_leave_the_body_of_others(self):
        answer = Answer([b"body"])

        body = HeadRequests(lambda *_: answer)({"REQUEST_METHOD": "GET"}, lambda *_: None)

        assert body is answer
        assert answer.is_closed is False
