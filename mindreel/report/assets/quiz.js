// Choose, see at once whether it was right, read the sentence that proves it, hear it.

function createQuiz(data) {
  const list = byId("questions");
  if (!list) return;
  const questions = [...list.children];
  const again = byId("quiz-again");
  const greeting = byId("score-text").textContent;
  byId("score").hidden = false;

  function reset() {
    for (const question of questions) {
      delete question.dataset.result;
      question.querySelector(".why").hidden = true;
      for (const choice of question.querySelectorAll(".choice")) {
        choice.disabled = false;
        choice.classList.remove("right", "wrong");
        choice.querySelector(".verdict").textContent = "";
      }
    }
    showScore();
  }

  function answer(question, chosen) {
    const choices = [...question.querySelectorAll(".choice")];
    const right = choices[data.quiz[questions.indexOf(question)]];
    question.dataset.result = chosen === right ? "right" : "wrong";
    for (const choice of choices) choice.disabled = true;
    if (chosen !== right) judge(chosen, "wrong", "Not this one");
    judge(right, "right", chosen === right ? "Right" : "The answer");
    question.querySelector(".why").hidden = false;
    showScore();
  }

  function judge(choice, name, verdict) {
    choice.classList.add(name);
    choice.querySelector(".verdict").textContent = verdict;
  }

  function showScore() {
    const answered = questions.filter((question) => question.dataset.result);
    const right = answered.filter((question) => question.dataset.result === "right");
    const done = answered.length === questions.length;
    let text = `${right.length} of ${answered.length} right`;
    if (!answered.length) text = greeting;
    else if (!done) text += `, ${questions.length - answered.length} to go`;
    byId("score-text").textContent = text;
    again.hidden = !answered.length;
  }

  list.addEventListener("click", (event) => {
    const choice = event.target.closest(".choice");
    if (choice && !choice.disabled) answer(choice.closest(".question"), choice);
  });
  again.addEventListener("click", () => {
    reset();
    questions[0].querySelector(".choice").focus();
  });
  reset();
}
